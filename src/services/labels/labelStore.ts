import { labelFile, maskFolder, ownFolder } from '../../dataset/onDisk.ts';
import type { LabelLine } from '../../dataset/labels.ts';
import { UserError } from '../ports/errors.ts';
import { compactText, parseLabels, writtenLine } from './labelLines.ts';
import type { LabelPorts } from '../ports/labelPorts.ts';

/** The user's labels of a folder; docs/labels.md describes the format. */
export const labelFileOf = (folder: string): string => `${folder}/${ownFolder}/${labelFile}`;

/** Where the user's masks are, relative to the folder of their label file. */
export const ownMasks = `${ownFolder}/${maskFolder}`;

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
/** Masks that no line mentions are kept for so long. */
const undoMs = 24 * 3600 * 1000;
/** How many times its compact size a file may be. */
const slack = 4;

/**
 * Reads a folder's label file, and those of the folders between it and `images`, whose lines win
 * over those of the folders above.
 * @param images of the folder
 * @throws UserError where one is there and can't be read
 */
export async function readLabels(
  folder: string,
  ports: Pick<LabelPorts, 'files'>,
  images: Iterable<string> = [],
): Promise<ReadLabels> {
  const labels: Record<string, LabelLine> = Object.create(null) as Record<string, LabelLine>;
  const notes: string[] = [];
  for (const place of ['', ...(await labelledFolders(folder, images, ports))]) {
    const own = await readFile(labelFileOf(`${folder}${place && `/${place}`}`), ports);
    for (const line of own.lines) labels[below(place, line.image)] = movedLine(line, (path) => below(place, path));
    notes.push(...own.notes);
  }
  return { labels: Object.fromEntries(Object.entries(labels)), notes };
}

async function readFile(
  file: string,
  { files }: Pick<LabelPorts, 'files'>,
): Promise<{ readonly lines: readonly LabelLine[]; readonly notes: readonly string[] }> {
  if (!(await files.exists(file))) return { lines: [], notes: [] };
  const { latest, rejected } = parseLabels(await files.readText(file));
  const notes = rejected
    .slice(0, notedLines)
    .map(({ number, why }) => `${file}:${number}: ${why}. The line is kept and not used; mend or delete it.`);
  const more = rejected.length - notes.length;
  return {
    lines: [...latest.values()]
      .map(({ line }) => line)
      .filter(({ label, mask }) => label !== null || mask !== undefined),
    notes: more > 0 ? [...notes, `${file}: ${more} more lines that are no labels.`] : notes,
  };
}

/**
 * Adds lines to a folder's label file; they are on the disk when this resolves. Safe against other
 * windows and against a crash: nothing that is there is ever rewritten, but for a file four times
 * as long as it need be, which is made compact. Where folders below have label files, lines go to
 * the one nearest to their image.
 * @throws UserError
 */
export async function appendLabels(folder: string, lines: readonly LabelLine[], ports: LabelPorts): Promise<void> {
  const checked = lines.map((line) => [line, checkedLine(line)] as const);
  const labelled = await labelledFolders(
    folder,
    lines.map(({ image }) => image),
    ports,
  );
  const texts = new Map<string, string>();
  for (const [line, text] of checked)
    for (const [place, part] of labelled.length > 0 ? routed(line, labelled) : [['', text] as const])
      texts.set(place, (texts.get(place) ?? '') + part);
  for (const [place, text] of texts) await append(labelFileOf(`${folder}${place && `/${place}`}`), text, ports);
}

/**
 * The lines that say in the label files of folders what `line` says in their common folder: in the
 * nearest to the image that holds the mask as well; what is taken back is so in all of them.
 * @param labelled folders with label files, those above first
 */
function routed(line: LabelLine, labelled: readonly string[]): (readonly [place: string, text: string])[] {
  const { image, label, mask, at } = line;
  const near = ['', ...labelled].filter((place) => inside(place, image)).reverse();
  const target = near.findIndex((place) => mask === undefined || inside(place, mask));
  const said = label !== null || mask !== undefined;
  return near.flatMap((place, index) => {
    if (said && index > target) return [];
    const own = said && index === target ? line : { image, label: null, at };
    return [[place, checkedLine(movedLine(own, (path) => path.slice(below(place, '').length)))] as const];
  });
}

async function append(file: string, text: string, ports: LabelPorts): Promise<void> {
  await ports.labelFiles.locked(file, async () => {
    const { before, after } = await ports.labelFiles.append(file, text);
    // Looked at each time the size doubles, so that appending stays cheap.
    if (after >= worthCompacting && Math.floor(Math.log2(after)) > Math.floor(Math.log2(Math.max(1, before))))
      await rewrite(file, ports, slack);
  });
}

/**
 * Folders between `folder` and `images` that have label files, relative to it, those above first.
 */
export async function labelledFolders(
  folder: string,
  images: Iterable<string>,
  { files }: Pick<LabelPorts, 'files'>,
): Promise<string[]> {
  const places = new Set<string>();
  for (const image of images)
    for (let end = image.lastIndexOf('/'); end > 0; end = image.lastIndexOf('/', end - 1)) {
      const place = image.slice(0, end);
      if (places.has(place)) break;
      places.add(place);
    }
  const sorted = [...places].sort((a, b) => a.length - b.length);
  const there = await Promise.all(sorted.map((place) => files.exists(labelFileOf(`${folder}/${place}`))));
  return sorted.filter((_, at) => there[at]);
}

const below = (place: string, path: string): string => (place === '' ? path : `${place}/${path}`);
const inside = (place: string, path: string): boolean => path.startsWith(below(place, ''));

const movedLine = (line: LabelLine, move: (path: string) => string): LabelLine => ({
  ...line,
  image: move(line.image),
  ...(line.mask !== undefined && { mask: move(line.mask) }),
});

/**
 * Makes the label file compact: one line an image, sorted by path, taken-back labels gone, lines
 * that are no labels at the end. Masks that no line mentions are removed once they are a day old:
 * until then somebody may undo what replaced them, or be about to write their line.
 * @param now ms since 1970
 */
export async function compactLabels(folder: string, ports: LabelPorts, now: number): Promise<void> {
  const file = labelFileOf(folder);
  if (!(await ports.files.exists(file))) return;
  await ports.labelFiles.locked(file, async () => {
    await rewrite(file, ports, 1);
    await pruneMasks(folder, await ports.files.readText(file), ports, now - undoMs);
  });
}

async function pruneMasks(folder: string, text: string, ports: LabelPorts, before: number): Promise<void> {
  const masks = `${folder}/${ownMasks}`;
  if (!(await ports.files.exists(masks))) return;
  const { latest, rejected } = parseLabels(text);
  const mentioned = new Set([...latest.values()].map(({ line }) => line.mask));
  const odd = rejected.map(({ raw }) => raw).join('\n');
  for (const [path, { modifiedMs }] of await ports.labelFiles.stamps(masks)) {
    const mask = `${ownMasks}/${path}`;
    if (modifiedMs < before && !mentioned.has(mask) && !odd.includes(mask))
      await ports.files.remove(`${folder}/${mask}`);
  }
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
