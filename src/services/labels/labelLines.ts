import { userLabels, type LabelLine } from '../../dataset/labels.ts';

/** Names that may not be parts of a path kept in the label file: they lead elsewhere. */
const strayPart = /(^|\/)(\.\.?)?(\/|$)/;

/** Whether `path` is relative, with `/`, and stays below its folder. */
const isInside = (path: string): boolean => path !== '' && !strayPart.test(path) && !/^[a-z]:|^\/|[\\\0]/i.test(path);

/** What a label file says. */
export interface ParsedLabels {
  /** The last line of each image, as parsed and as written; `label: null` lines included. */
  readonly latest: ReadonlyMap<string, { readonly line: LabelLine; readonly raw: string }>;
  /** Lines that are no labels: where, what was wrong. */
  readonly rejected: readonly { readonly number: number; readonly raw: string; readonly why: string }[];
}

/**
 * Reads a label file's text: JSON lines, the last one of an image wins; blank lines, a byte order
 * mark and CRLF are no fault.
 */
export function parseLabels(text: string): ParsedLabels {
  const latest = new Map<string, { line: LabelLine; raw: string }>();
  const rejected: { number: number; raw: string; why: string }[] = [];
  text
    .replace(/^\ufeff/, '')
    .split('\n')
    .forEach((written, at) => {
      const raw = written.replace(/\r$/, '');
      if (raw.trim() === '') return;
      const line = parseLine(raw);
      if (typeof line === 'string') rejected.push({ number: at + 1, raw, why: line });
      else {
        // Last in the map is the last written.
        latest.delete(line.image);
        latest.set(line.image, { line, raw });
      }
    });
  return { latest, rejected };
}

/** The line, or what is wrong with it. Keys that we do not know are no fault. */
function parseLine(raw: string): LabelLine | string {
  let json: unknown;
  try {
    json = JSON.parse(raw);
  } catch {
    return 'not a line of JSON (cut short, or edited)';
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'not a JSON object';
  const { image, label, defectType, mask, at } = json as Readonly<Record<string, unknown>>;
  if (typeof image !== 'string' || !isInside(image)) return '"image" must be a path inside the folder, with /';
  const known = userLabels.find((name) => name === label);
  if (label !== null && known === undefined) return `"label" must be ${userLabels.join(', ')} or null`;
  if (defectType !== undefined && typeof defectType !== 'string') return '"defectType" must be text';
  if (mask !== undefined && (typeof mask !== 'string' || !isInside(mask)))
    return '"mask" must be a path inside the folder, with /';
  if (at !== undefined && typeof at !== 'string') return '"at" must be a time such as 2024-11-24T12:00:00Z';
  return {
    image,
    label: known ?? null,
    ...(defectType && { defectType }),
    ...(mask !== undefined && { mask }),
    // A line written by hand may leave it out.
    at: at ?? '',
  };
}

/**
 * The file's text with one line per image, by path; lines that are no labels stay, at the end;
 * labels taken back are gone.
 */
export function compactText({ latest, rejected }: ParsedLabels): string {
  const kept = [...latest.values()].filter(({ line }) => line.label !== null || line.mask !== undefined);
  const sorted = kept.sort((a, b) => (a.line.image < b.line.image ? -1 : 1));
  return [...sorted, ...rejected].map(({ raw }) => `${raw}\n`).join('');
}

/**
 * One line of the file, keys in a fixed order.
 * @throws Error for a line that could not be read back
 */
export function writtenLine({ image, label, defectType, mask, at }: LabelLine): string {
  const text = JSON.stringify({ image, label, ...(defectType && { defectType }), ...(mask && { mask }), at });
  const fault = parseLine(text);
  if (typeof fault === 'string') throw new Error(`label of ${image}: ${fault}`);
  return `${text}\n`;
}
