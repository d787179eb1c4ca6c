import { cocoText, type CocoImage } from '../../dataset/formats/coco.ts';
import { labelsCsv, type CsvLabel } from '../../dataset/formats/csvLabels.ts';
import { assignSplits } from '../../dataset/split.ts';
import type { LabelledImage } from '../../dataset/formats/labelledImage.ts';
import { fiftyoneFiles, fiftyonePaths, type FiftyoneSample } from '../../dataset/formats/fiftyone.ts';
import { mvtecPlaces } from '../../dataset/formats/mvtecLabels.ts';
import { encodeRle } from '../../dataset/formats/rle.ts';
import type { ImportSummary, LabelFormat } from '../../protocol/inspection.ts';
import { UserError } from '../ports/errors.ts';
import { writeExport } from './exportFolder.ts';
import { knownImages, type KnownImage } from './labelKnown.ts';
import type { LabelPorts } from '../ports/labelPorts.ts';
import { compactLabels } from './labelStore.ts';
import { readMaskAt, type ImageMask } from './maskStore.ts';
import { phase, type Watch } from '../ports/progress.ts';

/** Beside an exported MVTec folder: where each image came from and what the folders can't say. */
export const mvtecTable = 'nferd-labels.csv';

interface Export {
  readonly folder: string;
  readonly out: string;
  readonly images: readonly KnownImage[];
  readonly ports: LabelPorts;
  /** ISO 8601 */
  readonly now: string;
  /**
   * Calls `each` for every image with its mask, in order; an image or mask that can't be read is
   * noted.
   */
  forEach(each: (known: KnownImage, mask: ImageMask | undefined, at: number) => Promise<void>): Promise<void>;
}

/** Writes `out`; adds to the notes by throwing UserErrors inside `forEach`. */
type Exporter = (job: Export) => Promise<void>;

const exporters: Readonly<Record<LabelFormat, Exporter>> = {
  csv: exportCsv,
  coco: exportCoco,
  mvtec: exportMvtec,
  fiftyone: exportFiftyone,
};

/**
 * Writes what is known of every image of a folder, the user's labels and the folder's, for another
 * program or another folder: `coco` and `csv` to a file, `mvtec` and `fiftyone` to a folder, whose
 * images are hard links to the originals where the disk allows; a folder is only replaced where it
 * is an earlier export as we left it. Makes the label file compact.
 * @throws UserError, Cancelled
 */
export async function exportLabels(
  folder: string,
  format: LabelFormat,
  out: string,
  now: string,
  ports: LabelPorts,
  watch: Watch,
): Promise<ImportSummary> {
  const places = format === 'csv' ? [out, masksOf(out)] : [out];
  for (const place of places) {
    if (isBelow(place, folder))
      throw new UserError(`${place}: lies in the folder whose labels are exported. Choose a place outside ${folder}.`);
    if (isBelow(folder, place))
      throw new UserError(`${place}: holds the folder whose labels are exported. Choose a new folder outside it.`);
  }
  await compactLabels(folder, ports, Date.parse(now));
  const { images, notes } = await knownImages(folder, ports);
  const report = phase(watch, 'Exporting labels', images.length);
  const faults: string[] = [];
  let [written, masks] = [0, 0];
  const forEach: Export['forEach'] = async (each) => {
    for (const [at, known] of images.entries()) {
      try {
        const mask = known.mask === undefined ? undefined : await readMaskAt(folder, known.image, known.mask, ports);
        if (mask?.note) faults.push(mask.note);
        const defective = mask?.mask.includes(1) ?? false;
        // An empty mask of the user's says something, one of the dataset's does not.
        await each(known, defective || known.mask === known.line?.mask ? mask : undefined, at);
        written++;
        if (defective) masks++;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        faults.push(error.message);
      }
      report(at + 1);
    }
  };
  await exporters[format]({ folder, out, images, ports, now, forEach });
  return { images: written, masks, notes: [...notes, ...faults] };
}

const isBelow = (path: string, folder: string): boolean => `${path}/`.startsWith(`${folder.replace(/\/+$/, '')}/`);

const saidOf = ({ image, label, defectType, by }: LabelledImage): LabelledImage => ({
  image,
  ...(label && { label }),
  ...(defectType !== undefined && { defectType }),
  ...(by && { by }),
});

const writeMaskPng = (ports: LabelPorts, path: string, { width, height, mask }: ImageMask): Promise<void> =>
  ports.images.writePng(path, { width, height, channels: 1, data: mask.map((value) => 255 * value) });

async function exportCoco({ out, ports, folder, forEach }: Export): Promise<void> {
  const images: CocoImage[] = [];
  await forEach(async (known, mask) => {
    const { width, height } = mask ?? (await ports.labelFiles.imageSize(`${folder}/${known.image}`));
    images.push({ ...saidOf(known), width, height, ...(mask && { mask: encodeRle(mask.mask, width, height) }) });
  });
  await ports.files.write(out, cocoText(images));
}

/** Masks go to the folder `NAME.masks` beside `NAME.csv`. */
const masksOf = (csv: string): string => `${csv.replace(/\.csv$/i, '')}.masks`;

async function exportCsv({ out, ports, forEach }: Export): Promise<void> {
  const masks = masksOf(out);
  const name = masks.slice(masks.lastIndexOf('/') + 1);
  const rows: CsvLabel[] = [];
  let any = false;
  const fill = (temporary: string): Promise<void> =>
    forEach(async (known, mask) => {
      if (mask) await writeMaskPng(ports, `${temporary}/${known.image}.png`, mask);
      any ||= mask !== undefined;
      rows.push({ ...saidOf(known), ...(mask && { mask: `${name}/${known.image}.png` }) });
    });
  await writeExport(masks, fill, ports);
  if (!any) await ports.files.remove(masks);
  await ports.files.write(out, labelsCsv(rows));
}

async function exportMvtec({ folder, out, images, ports, forEach }: Export): Promise<void> {
  // Folders without splits get one, so that there is something to train on.
  const asItems = images.map(({ image, split, label }) => ({
    path: image,
    split,
    label: label === 'normal' || label === 'anomalous' ? label : ('unknown' as const),
  }));
  const { items } = assignSplits({ items: asItems }, 0);
  const places = mvtecPlaces(images.map((known, at) => ({ ...known, split: items[at]!.split })));
  const rows: CsvLabel[] = [];
  const fill = async (temporary: string): Promise<void> => {
    await forEach(async (known, mask, at) => {
      const place = places[at]!;
      await ports.labelFiles.link(`${folder}/${known.image}`, `${temporary}/${place.file}`);
      if (mask) await writeMaskPng(ports, `${temporary}/${place.mask}`, mask);
      rows.push({ ...saidOf(known), file: place.file, ...(mask && { mask: place.mask }) });
    });
    await ports.files.write(`${temporary}/${mvtecTable}`, labelsCsv(rows));
  };
  await writeExport(out, fill, ports);
}

async function exportFiftyone({ folder, out, ports, now, forEach }: Export): Promise<void> {
  const samples: FiftyoneSample[] = [];
  const fill = async (temporary: string): Promise<void> => {
    await forEach(async (known, mask) => {
      const { image } = known;
      await ports.labelFiles.link(`${folder}/${image}`, `${temporary}/${fiftyonePaths.image(image)}`);
      if (mask) await writeMaskPng(ports, `${temporary}/${fiftyonePaths.mask(image)}`, mask);
      samples.push({ ...saidOf(known), ...(mask && { mask: fiftyonePaths.mask(image) }) });
    });
    const name = folder.split('/').findLast((part) => part !== '') ?? 'nferd';
    const idOf = (text: string): string => ports.sha256(`${folder}\0${text}`).slice(0, 24);
    const { metadata, samples: text } = fiftyoneFiles(samples, name, now, idOf);
    await ports.files.write(`${temporary}/metadata.json`, metadata);
    await ports.files.write(`${temporary}/samples.json`, text);
  };
  await writeExport(out, fill, ports);
}
