import { parseCoco } from '../../dataset/formats/coco.ts';
import { parseLabelsCsv, type CsvLabel } from '../../dataset/formats/csvLabels.ts';
import { parseFiftyone } from '../../dataset/formats/fiftyone.ts';
import type { LabelledImage } from '../../dataset/formats/labelledImage.ts';
import { matchImages, type Match } from '../../dataset/matchImage.ts';
import { besideLabel, saidBy } from '../../dataset/formats/mvtecLabels.ts';
import { paintPolygon, paintRle } from '../../dataset/formats/rle.ts';
import { type LabelLine, nextLine } from '../../dataset/labels.ts';
import { readDataset } from '../dataset/readDataset.ts';
import type { ImportSummary, LabelFormat } from '../../protocol/inspection.ts';
import { asUserErrors, orMessage, UserError } from '../ports/errors.ts';
import { mvtecTable } from './labelExport.ts';
import { knownImages, type KnownImage } from './labelKnown.ts';
import type { LabelPorts } from '../ports/labelPorts.ts';
import { appendLabels } from './labelStore.ts';
import { readMaskAt, writeMask, type ImageMask } from './maskStore.ts';
import { phase, type Watch } from '../ports/progress.ts';

/** What a file says of an image, under the path that the file gives it. */
interface Incoming extends LabelledImage {
  /** Reads its mask, at the size of `image` of `folder`. */
  readonly mask?: ((folder: string, image: string) => Promise<ImageMask & { readonly note?: string }>) | undefined;
}

interface Read {
  readonly rows: readonly Incoming[];
  readonly notes: readonly string[];
}

const readers: Readonly<Record<LabelFormat, (from: string, ports: LabelPorts) => Promise<Read>>> = {
  csv: readCsv,
  coco: readCoco,
  mvtec: readMvtec,
  fiftyone: readFiftyone,
};

/** Images of a file that no image of the folder is: so many are named. */
const named = 5;

/**
 * Takes labels and masks over from a file or folder of another program, or of our own export.
 * Images are found by their paths, or by the ends of them. What is known already is not written
 * again; a label of a file wins over the user's earlier one.
 * @param now ISO 8601, the time of the new labels
 * @throws UserError, Cancelled
 */
export async function importLabels(
  folder: string,
  format: LabelFormat,
  from: string,
  now: string,
  ports: LabelPorts,
  watch: Watch,
): Promise<ImportSummary> {
  if (!(await ports.files.exists(from))) throw new UserError(`${from}: does not exist. Check the path.`);
  const { rows, notes } = await readers[format](from, ports);
  const known = await knownImages(folder, ports);
  const byPath = new Map(known.images.map((image) => [image.image, image]));
  const said = rows.filter(({ label }) => label !== undefined);
  const matches = matchImages(
    [...byPath.keys()],
    said.map(({ image }) => image),
  );
  const report = phase(watch, 'Importing labels', said.length);
  const unmatched: string[] = [];
  const faults: string[] = [];
  const lines: LabelLine[] = [];
  let [images, masks, done] = [0, 0, 0];
  for (const [at, row] of said.entries()) {
    report(++done);
    const found = matches[at]!;
    if ('fault' in found) {
      unmatched.push(`${row.image}: ${whyNot(row.image, found, folder)}; left out.`);
      continue;
    }
    images++;
    const here = byPath.get(found.image)!;
    try {
      const read = row.label === 'normal' ? undefined : row.mask && (await orMessage(row.mask(folder, here.image)));
      // A mask that can't be read takes nothing from the label.
      const mask = typeof read === 'string' ? undefined : read;
      const note = typeof read === 'string' ? `${read} The label is taken without it.` : mask?.note;
      if (note) faults.push(note);
      const changed = mask && !(await hasMask(folder, here, mask, ports)) ? mask : undefined;
      if (mask?.mask.includes(1)) masks++;
      if (!changed && agrees(here, row)) continue;
      // A file without masks takes none away.
      const path = changed && (await writeMask(folder, here.image, changed, ports));
      const { label, defectType = null } = row;
      lines.push(nextLine(here.line, { image: here.image, label, defectType, mask: path, at: now }));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      faults.push(error.message);
    }
  }
  await appendLabels(folder, lines, ports);
  const more = unmatched.length - named;
  return {
    images,
    masks,
    notes: [
      ...notes,
      ...unmatched.slice(0, named),
      ...(more > 0 ? [`${more} more images that were not found in ${folder}.`] : []),
      ...faults,
    ],
  };
}

function whyNot(path: string, fault: Extract<Match, { fault: string }>, folder: string): string {
  if (fault.fault === 'taken')
    return path === fault.by ? 'is there again further down' : `means ${fault.image}, which ${fault.by} fits better`;
  if (fault.fault === 'none') return `is no image of ${folder}`;
  return `could be several images of ${folder}, or shares one with another path`;
}

/**
 * Whether the folder says so already: by the user where the file says that it was the user, else by
 * anybody.
 */
function agrees(here: KnownImage, row: Incoming): boolean {
  if (here.label !== row.label || (row.label === 'anomalous' && here.defectType !== row.defectType)) return false;
  return row.by !== 'user' || here.by === 'user';
}

async function hasMask(folder: string, here: KnownImage, given: ImageMask, ports: LabelPorts): Promise<boolean> {
  const path = here.mask ?? here.folder.mask;
  if (path === undefined) return !given.mask.includes(1);
  const { mask } = await readMaskAt(folder, here.image, path, ports);
  return mask.every((value, at) => value === given.mask[at]);
}

const folderOf = (file: string): string => file.slice(0, Math.max(0, file.lastIndexOf('/')));

const maskIn =
  (base: string, path: string, ports: LabelPorts): NonNullable<Incoming['mask']> =>
  (folder, image) =>
    readMaskAt(folder, image, /^(\/|[a-z]:)/i.test(path) ? path : `${base}/${path}`, ports);

async function readCsv(from: string, ports: LabelPorts): Promise<Read> {
  const text = await ports.labelFiles.readForeign(from);
  const { rows, notes } = asUserErrors(() => parseLabelsCsv(text, from));
  const base = folderOf(from);
  return { rows: rows.map((row) => ({ ...row, mask: row.mask ? maskIn(base, row.mask, ports) : undefined })), notes };
}

async function readCoco(from: string, ports: LabelPorts): Promise<Read> {
  const text = await ports.labelFiles.readForeign(from);
  const { images, notes } = asUserErrors(() => parseCoco(text, from));
  const painted = (image: (typeof images)[number]): Incoming => {
    const { mask: rle, width, height } = image;
    if (!rle) return { ...image, mask: undefined };
    return {
      ...image,
      mask: async (folder, path) => {
        const size = await ports.labelFiles.imageSize(`${folder}/${path}`);
        if (size.width !== width || size.height !== height)
          throw new UserError(
            `${from}: ${image.image} is ${width}×${height} there and ${size.width}×${size.height} here. ` +
              'Export it from the same images.',
          );
        const mask = new Uint8Array(width * height);
        paintRle(rle, mask);
        return { width, height, mask };
      },
    };
  };
  return { rows: images.map(painted), notes };
}

/** Polygons in shares of the image's width and height. */
const painted =
  (polygons: readonly (readonly number[])[], { labelFiles }: LabelPorts): NonNullable<Incoming['mask']> =>
  async (folder, image) => {
    const { width, height } = await labelFiles.imageSize(`${folder}/${image}`);
    const mask = new Uint8Array(width * height);
    for (const polygon of polygons)
      paintPolygon(
        polygon.map((share, at) => share * (at % 2 === 0 ? width : height)),
        mask,
        width,
        height,
      );
    return { width, height, mask };
  };

async function readFiftyone(from: string, ports: LabelPorts): Promise<Read> {
  const file = from.endsWith('.json') ? from : `${from}/samples.json`;
  const base = folderOf(file);
  const text = await ports.labelFiles.readForeign(file);
  const { samples, notes } = asUserErrors(() => parseFiftyone(text, file));
  return {
    rows: samples.map(({ mask, regions, ...row }) => ({
      ...row,
      mask: mask === undefined ? regions && painted(regions, ports) : maskIn(base, mask, ports),
    })),
    notes,
  };
}

/**
 * A folder laid out like MVTec AD. In one of ours the table tells where images came from; one that
 * was moved to another folder is what that folder says.
 */
async function readMvtec(from: string, ports: LabelPorts): Promise<Read> {
  const table = `${from}/${mvtecTable}`;
  const text = (await ports.files.exists(table)) ? await ports.files.readText(table) : 'image,label';
  const ours = asUserErrors(() => parseLabelsCsv(text, table));
  const { paths } = await ports.files.list(from);
  const { items } = await readDataset(from, ports);
  const recognised = new Map(items.map((item) => [item.path, item]));
  const there = new Set(paths);
  const inPlace = new Map(ours.rows.map((row) => [row.file, row]));
  const missing = new Map(
    ours.rows.flatMap((row) => (row.file === undefined || there.has(row.file) ? [] : [[row.file, row] as const])),
  );
  const news = paths.filter((path) => !inPlace.has(path));
  const matches = matchImages([...missing.keys()], news);
  const movedFrom = new Map(
    matches.flatMap((match, at) => ('fault' in match ? [] : [[news[at]!, missing.get(match.image)!] as const])),
  );
  const rows = paths.flatMap((path): Incoming[] => {
    const row: CsvLabel | undefined = inPlace.get(path);
    if (row) return [{ ...row, mask: row.mask === undefined ? undefined : maskIn(from, row.mask, ports) }];
    const item = recognised.get(path);
    const beside = besideLabel(path);
    if (item === undefined && beside === undefined) return [];
    const origin = movedFrom.get(path);
    const image = origin?.image ?? path;
    if (item === undefined) return beside && beside !== 'unknown' ? [{ image, label: beside, by: 'user' }] : [];
    const mask = item.maskPath === undefined ? undefined : maskIn(from, item.maskPath, ports);
    return [{ image, ...saidBy(item), ...(origin && { by: 'user' as const }), mask }];
  });
  return { rows, notes: ours.notes };
}
