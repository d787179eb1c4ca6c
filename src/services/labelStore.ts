import type { LabelLine } from '../protocol/inspection.ts';
import { UserError } from './errors.ts';
import { compactText, parseLabels, writtenLine } from './labelLines.ts';
import type { LabelPorts } from './labelPorts.ts';

/** The user's labels of a folder; docs/labels.md describes the format. */
export const labelFileOf = (folder: string): string => `${folder}/.nferd/labels.jsonl`;

export interface ReadLabels {
  /** The last line of each image, as the file says; lines that took a label back are left out. */
  readonly labels: Readonly<Record<string, LabelLine>>;
  /** Lines that are no labels: one note each, at most `notedLines`. They stay in the file. */
  readonly notes: readonly string[];
}

/** Of a file edited into nonsense, this many lines are named. */
export const notedLines = 20;
/** Smaller files are never compacted on their own. */
const worthCompacting = 64 * 1024;
/** How many times its compact size a file may be. */
const slack = 4;

/** Reads a folder's label file. @throws UserError where it is there and can't be read */
export async function readLabels(folder: string, ports: Pick<LabelPorts, 'files'>): Promise<ReadLabels> {
  const file = labelFileOf(folder);
  if (!(await ports.files.exists(file))) return { labels: {}, notes: [] };
  const { latest, rejected } = parseLabels(await ports.files.readText(file));
  const kept = [...latest.values()].filter(({ line }) => line.label !== null || line.mask !== undefined);
  const notes = rejected
    .slice(0, notedLines)
    .map(({ number, why }) => `${file}:${number}: ${why}. The line is kept and not used; mend or delete it.`);
  const more = rejected.length - notes.length;
  return {
    labels: Object.fromEntries(kept.map(({ line }) => [line.image, line])),
    notes: more > 0 ? [...notes, `${file}: ${more} more lines that are no labels.`] : notes,
  };
}

/**
 * Adds lines to a folder's label file; they are on the disk when this resolves. Safe against other windows and against a crash: nothing that is
 * there is ever rewritten, but for a file four times as long as it need be, which is made compact.
 * @throws UserError
 */
export async function appendLabels(folder: string, lines: readonly LabelLine[], ports: LabelPorts): Promise<void> {
  if (lines.length === 0) return;
  const file = labelFileOf(folder);
  const text = lines.map(checkedLine).join('');
  await ports.labelFiles.locked(file, async () => {
    const { before, after } = await ports.labelFiles.append(file, text);
    // Looked at each time the size doubles, so that appending stays cheap.
    if (after >= worthCompacting && Math.floor(Math.log2(after)) > Math.floor(Math.log2(Math.max(1, before))))
      await rewrite(file, ports, slack);
  });
}

/** Makes the label file compact: one line an image, sorted by path, taken-back labels gone, lines that are no labels at the end. */
export async function compactLabels(folder: string, ports: LabelPorts): Promise<void> {
  const file = labelFileOf(folder);
  if (await ports.files.exists(file)) await ports.labelFiles.locked(file, () => rewrite(file, ports, 1));
}

async function rewrite(file: string, { files }: LabelPorts, least: number): Promise<void> {
  const text = await files.readText(file);
  // Bytes that are no UTF-8 could not be written back as they are.
  if (text.includes('\ufffd')) return;
  const compact = compactText(parseLabels(text));
  if (text.length > least * compact.length) await files.write(file, compact);
}

function checkedLine(line: LabelLine): string {
  try {
    return writtenLine(line);
  } catch (error) {
    throw new UserError((error as Error).message, { cause: error });
  }
}
