import { readLabel, readSource, type LabelledImage } from './labelledImage.ts';
import { decompressCounts, encodeRle, paintPolygon, paintRle, type Rle } from './rle.ts';

export interface CocoImage extends LabelledImage {
  readonly width: number;
  readonly height: number;
  /** Without any pixel: nothing of the image is defective, whatever else says so. */
  readonly mask?: Rle;
}

export interface CocoFile {
  readonly images: readonly CocoImage[];
  /** What could not be used: one line each. */
  readonly notes: readonly string[];
}

/** Name of the category of defects that nobody named. */
const unnamed = 'defect';

/**
 * COCO object detection: one annotation per mask (uncompressed run lengths, `iscrowd` 1), a
 * category per defect type, and what is said of the whole image in its `attributes` (`label`,
 * `defectType`, `by`), as CVAT and others keep them. An empty mask is no annotation, but
 * `emptyMask` there.
 */
export function cocoText(images: readonly CocoImage[]): string {
  const names = [
    ...new Set(images.flatMap(({ mask, defectType = unnamed }) => (mask && !isEmpty(mask) ? [defectType] : []))),
  ].sort();
  const masked = images.map((image, at) => ({ ...image, id: at + 1 }));
  return JSON.stringify({
    info: { description: 'Labels of NFERD', version: '1' },
    licenses: [],
    categories: names.map((name, at) => ({ id: at + 1, name, supercategory: 'defect' })),
    images: masked.map(({ id, image, width, height, label, defectType, by, mask }) => ({
      id,
      file_name: image,
      width,
      height,
      ...(label && {
        attributes: {
          label,
          ...(defectType !== undefined && { defectType }),
          ...(by && { by }),
          ...(mask && isEmpty(mask) && { emptyMask: true }),
        },
      }),
    })),
    annotations: masked
      .flatMap(({ id, mask, defectType = unnamed }) => {
        if (!mask || isEmpty(mask)) return [];
        const { area, bbox } = extent(mask);
        return [
          { image_id: id, category_id: names.indexOf(defectType) + 1, segmentation: mask, area, bbox, iscrowd: 1 },
        ];
      })
      .map((annotation, at) => ({ id: at + 1, ...annotation })),
  });
}

const isEmpty = ({ counts }: Rle): boolean => counts.every((count, i) => i % 2 === 0 || count === 0);

/** Pixels of a mask and their bounding box [x, y, width, height]. */
function extent({ size: [height], counts }: Rle): { area: number; bbox: number[] } {
  let [at, area, left, right, top, bottom] = [0, 0, Infinity, -1, Infinity, -1];
  counts.forEach((count, i) => {
    if (i % 2 === 1 && count > 0) {
      const last = at + count - 1;
      const [first, end] = [Math.floor(at / height), Math.floor(last / height)];
      area += count;
      [left, right] = [Math.min(left, first), Math.max(right, end)];
      top = Math.min(top, end > first ? 0 : at % height);
      bottom = Math.max(bottom, end > first ? height - 1 : last % height);
    }
    at += count;
  });
  return { area, bbox: area === 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1] };
}

type Json = Readonly<Record<string, unknown>>;
const records = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter((entry): entry is Json => typeof entry === 'object' && entry !== null) : [];

/**
 * Reads COCO of any origin: polygons as pycocotools draws them, run lengths, compressed or not, and
 * boxes where there is no outline. All defects of an image make one mask, whatever their order;
 * regions of a category called normal are none. Without attributes, an image with a defect is
 * anomalous, one whose annotations are all normal is normal, and one without says nothing.
 * @param name the file, for messages
 * @throws Error where the text is no COCO file
 */
export function parseCoco(text: string, name: string): CocoFile {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw new Error(`${name}: not valid JSON. Give a COCO file.`);
  }
  const file = (json ?? {}) as Json;
  if (!Array.isArray(file['images']))
    throw new Error(`${name}: has no "images", so it is no COCO file. Give one of object detection or segmentation.`);
  const notes: string[] = [];
  const categories = new Map(records(file['categories']).map((entry) => [String(entry['id']), String(entry['name'])]));
  const kindOf = (annotation: Json): string => categories.get(String(annotation['category_id'])) ?? unnamed;
  const byImage = new Map<string, Json[]>();
  for (const annotation of records(file['annotations'])) {
    // Some tools write ids as text in one place and as numbers in another.
    const id = String(annotation['image_id']);
    const known = byImage.get(id);
    if (known) known.push(annotation);
    else byImage.set(id, [annotation]);
  }
  let boxes = 0;
  const images = records(file['images']).flatMap((entry): CocoImage[] => {
    const [image, width, height] = [entry['file_name'], entry['width'], entry['height']];
    if (typeof image !== 'string') return [];
    const id = String(entry['id']);
    const annotations = byImage.get(id) ?? [];
    byImage.delete(id);
    const size = { width: Number(width), height: Number(height) };
    const complain = (why: string): void => void notes.push(`${name}: ${image}: ${why}`);
    const defects = annotations.filter((annotation) => readLabel(kindOf(annotation)) !== 'normal');
    const shapes = defects.flatMap(shapesOf);
    boxes += shapes.filter(({ box }) => box).length;
    const found = emptied(entry, size) ?? paint(shapes, size, (why) => complain(`${why}; its mask is left out.`));
    if (defects.length > 0 && defects.length < annotations.length)
      complain('has normal regions beside defects; they are left out of its mask.');
    const [kind, ...dropped] = byFrequency(defects.map(kindOf));
    if (dropped.length > 0)
      complain(`several defect types; "${kind}" is kept, with the regions of all, not ${dropped.join(', ')}.`);
    const given = saidOf(entry['attributes']);
    const own = given.label === 'normal' && kind !== undefined ? {} : given;
    if (own !== given) complain(`labelled normal, yet has a region of "${kind}"; taken as anomalous.`);
    return [{ image, ...size, ...(own.label ? own : annotated(annotations, kind)), ...(found && { mask: found }) }];
  });
  if (boxes > 0) notes.push(`${name}: regions without an outline: ${boxes}. Their boxes are taken.`);
  const stray = [...byImage.values()].flat().length;
  if (stray > 0) notes.push(`${name}: annotations of images that it doesn't list: ${stray}. They are left out.`);
  return { images, notes };
}

/** Distinct names, the most frequent first. */
function byFrequency(names: readonly string[]): string[] {
  const count = (name: string): number => names.filter((other) => other === name).length;
  return [...new Set(names)].sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1));
}

/** What an image's own attributes say. */
function saidOf(attributes: unknown): Omit<LabelledImage, 'image'> {
  const { label: text, defectType, by } = (attributes ?? {}) as Json;
  const label = typeof text === 'string' ? readLabel(text) : undefined;
  const source = readSource(by);
  if (!label) return {};
  return { label, ...(typeof defectType === 'string' && { defectType }), ...(source && { by: source }) };
}

/** What an image's annotations say; `kind` is its defect. */
function annotated(annotations: readonly Json[], kind: string | undefined): Omit<LabelledImage, 'image'> {
  if (kind !== undefined) return { label: 'anomalous', defectType: kind };
  return annotations.length > 0 ? { label: 'normal' } : {};
}

/** The empty mask of an image that is said to have one. */
const emptied = ({ attributes }: Json, { width, height }: { readonly width: number; readonly height: number }) =>
  (attributes as Json | undefined | null)?.['emptyMask'] === true && width > 0 && height > 0
    ? { size: [height, width] as const, counts: [width * height] }
    : undefined;

/** A polygon's corners, or run lengths in whatever form. */
interface Shape {
  readonly polygon?: readonly number[];
  readonly runs?: Json;
  /** Made of a box, for want of an outline. */
  readonly box?: boolean;
}

/** A region's outline; its box where it has none. */
function shapesOf({ segmentation, bbox }: Json): Shape[] {
  const none = segmentation === undefined || segmentation === null;
  if (none || (Array.isArray(segmentation) && segmentation.length === 0)) {
    if (!Array.isArray(bbox) || bbox.length !== 4) return [];
    const [x, y, w, h] = bbox.map(Number) as [number, number, number, number];
    return w > 0 && h > 0 ? [{ polygon: [x, y, x + w, y, x + w, y + h, x, y + h], box: true }] : [];
  }
  if (!Array.isArray(segmentation)) return [{ runs: segmentation as Json }];
  // One list of numbers instead of a list of polygons.
  const polygons: unknown[] = segmentation.every((value) => typeof value === 'number') ? [segmentation] : segmentation;
  // Points as pairs instead of numbers.
  return polygons.map((polygon) => ({ polygon: Array.isArray(polygon) ? polygon.flat().map(Number) : [NaN] }));
}

function paint(
  shapes: readonly Shape[],
  { width, height }: { readonly width: number; readonly height: number },
  complain: (why: string) => void,
): Rle | undefined {
  if (shapes.length === 0) return undefined;
  if (!(width > 0 && height > 0 && width * height <= 2 ** 30)) {
    complain('it has no width and height');
    return undefined;
  }
  const mask = new Uint8Array(width * height);
  try {
    for (const { polygon, runs } of shapes)
      if (polygon) paintPolygon(checked(polygon), mask, width, height);
      else paintRle({ size: [height, width], counts: countsOf(runs, width, height) }, mask);
  } catch (error) {
    complain((error as Error).message);
    return undefined;
  }
  if (mask.includes(1)) return encodeRle(mask, width, height);
  complain('its regions have no pixels');
  return undefined;
}

/** Far outside any image. */
const farthest = 2 ** 20;

function checked(polygon: readonly number[]): readonly number[] {
  if (!polygon.every((value) => Math.abs(value) < farthest))
    throw new Error('its segmentation has a polygon that is no list of numbers');
  return polygon;
}

/** @throws Error where they are none, or of another size */
function countsOf(runs: unknown, width: number, height: number): number[] {
  const { size, counts } = (runs ?? {}) as { size?: unknown; counts?: unknown };
  if (typeof counts !== 'string' && !Array.isArray(counts))
    throw new Error('its segmentation is neither polygons nor run lengths');
  const [h, w] = Array.isArray(size) ? size.map(Number) : [height, width];
  if (h !== height || w !== width) throw new Error(`a mask of ${w}×${h} in an image of ${width}×${height}`);
  if (Array.isArray(counts)) return counts.map(Number);
  return counts.startsWith('[') ? (JSON.parse(counts) as unknown[]).map(Number) : decompressCounts(counts);
}
