import { isDefectName } from '../folderNames.ts';
import { csvText, parseCsv } from './csv.ts';
import { readLabel, readSource, type LabelledImage } from './labelledImage.ts';

export interface CsvLabel extends LabelledImage {
  /** Path of the mask, relative to the CSV's folder. */
  readonly mask?: string;
  /** Where an export put the image, relative to the CSV's folder. */
  readonly file?: string;
}

export interface CsvLabels {
  readonly rows: readonly CsvLabel[];
  /** Rows that could not be used: one line each. */
  readonly notes: readonly string[];
}

/** Column → the names it may have, in lower case; the first is ours. */
const names = {
  image: ['image', 'path', 'file_name', 'filename', 'image_path', 'filepath'],
  label: ['label', 'class'],
  defectType: ['defecttype', 'defect', 'defect_type'],
  mask: ['mask', 'mask_path'],
  by: ['by'],
  file: ['file'],
} as const;
type Column = keyof typeof names;

/** `image,label,defectType,mask,by` and, where rows have one, `file`: one line an image. */
export function labelsCsv(rows: readonly CsvLabel[]): string {
  const columns: Column[] = ['image', 'label', 'defectType', 'mask', 'by'];
  if (rows.some(({ file }) => file !== undefined)) columns.push('file');
  return csvText([columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]);
}

/** A report's `unknown` is no label, as an empty cell is none. */
const named = (label: string | undefined): string | undefined => {
  const word = label?.trim();
  return word === '' || word === 'unknown' ? undefined : word;
};

/**
 * Reads a table of labels; columns may stand in any order and others are ignored (so `nferd
 * evaluate --csv` is read as well).
 * @param name the file, for messages
 * @throws Error where the columns for image and label are missing
 */
export function parseLabelsCsv(text: string, name: string): CsvLabels {
  const [head, ...body] = parseCsv(text);
  const found = (head?.cells ?? []).map((cell) => cell.trim().toLowerCase());
  const place = (column: Column): number =>
    found.findIndex((cell) => (names[column] as readonly string[]).includes(cell));
  const at = Object.fromEntries((Object.keys(names) as Column[]).map((column) => [column, place(column)])) as Record<
    Column,
    number
  >;
  const missing = (['image', 'label'] as const).find((column) => at[column] < 0);
  if (missing) throw new Error(`${name}: has no column "${missing}". Its first line must name image and label.`);
  const notes: string[] = [];
  const rows = body.flatMap(({ cells, line }): CsvLabel[] => {
    const cell = (column: Column): string | undefined => cells[at[column]] || undefined;
    const [image, label, by] = [cell('image'), named(cell('label')), readSource(cell('by')?.trim())];
    // A defect's name in the label's column is its type.
    const type = label !== undefined && readLabel(label) === undefined && isDefectName(label) ? label : undefined;
    const known = label === undefined ? undefined : type === undefined ? readLabel(label) : 'anomalous';
    if (!image || (label !== undefined && known === undefined)) {
      const why = image ? `label "${label}" is unknown` : 'no image';
      notes.push(`${name}: line ${line}: ${why}; the row is left out.`);
      return [];
    }
    const rest = { defectType: cell('defectType') ?? type, mask: cell('mask'), file: cell('file') };
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    return [{ image, ...(known && { label: known }), ...(by && { by }), ...given }];
  });
  return { rows, notes };
}
