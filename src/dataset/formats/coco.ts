import { isNormalName } from '../folderNames.ts';
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
 * Reads COCO of any origin: polygons and run lengths, compressed or not; several annotations of an
 * image make one mask. Without attributes, an annotated image is anomalous (normal where its
 * category is called so); one without annotations says nothing.
 * @param name the file, for messages
 * @throws Error where the text is no COCO file
 */
export function parseCoco(text: string, name: string): CocoFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`${name}: not valid JSON. Give a COCO file.`);
  }
  const file = (json ?? {}) as Json;
  if (!Array.isArray(file['images']))
    throw new Error(`${name}: has no "images", so it is no COCO file. Give one of object detection or segmentation.`);
  const notes: string[] = [];
  const categories = new Map(records(file['categories']).map((category) => [category['id'], String(category['name'])]));
  const byImage = new Map<unknown, Json[]>();
  for (const annotation of records(file['annotations'])) {
    const known = byImage.get(annotation['image_id']);
    if (known) known.push(annotation);
    else byImage.set(annotation['image_id'], [annotation]);
  }
  const images = records(file['images']).flatMap((entry): CocoImage[] => {
    const [image, width, height] = [entry['file_name'], entry['width'], entry['height']];
    if (typeof image !== 'string') return [];
    const annotations = byImage.get(entry['id']) ?? [];
    const size = { width: Number(width), height: Number(height) };
    const found =
      emptied(entry, size) ??
      paint(annotations, size, (why) => notes.push(`${name}: ${image}: ${why}; its mask is left out.`));
    const kinds = [...new Set(annotations.map(({ category_id: id }) => categories.get(id) ?? unnamed))];
    if (kinds.length > 1)
      notes.push(`${name}: ${image}: several defect types (${kinds.join(', ')}); the first is taken.`);
    return [{ image, ...size, ...saidOf(entry['attributes'], kinds[0]), ...(found && { mask: found }) }];
  });
  return { images, notes };
}

function saidOf(attributes: unknown, kind: string | undefined): Omit<LabelledImage, 'image'> {
  const { label: text, defectType, by } = (attributes ?? {}) as Json;
  const label = typeof text === 'string' ? readLabel(text) : undefined;
  const source = readSource(by);
  if (label) return { label, ...(typeof defectType === 'string' && { defectType }), ...(source && { by: source }) };
  if (kind === undefined) return {};
  return isNormalName(kind) ? { label: 'normal' } : { label: 'anomalous', defectType: kind };
}

/** The empty mask of an image that is said to have one. */
const emptied = ({ attributes }: Json, { width, height }: { readonly width: number; readonly height: number }) =>
  (attributes as Json | undefined | null)?.['emptyMask'] === true && width > 0 && height > 0
    ? { size: [height, width] as const, counts: [width * height] }
    : undefined;

function paint(
  annotations: readonly Json[],
  { width, height }: { readonly width: number; readonly height: number },
  complain: (why: string) => void,
): Rle | undefined {
  const shapes = annotations
    .map((annotation) => annotation['segmentation'])
    .filter((shape) => shape !== undefined && shape !== null);
  if (shapes.length === 0) return undefined;
  if (!(width > 0 && height > 0 && width * height <= 2 ** 30)) {
    complain('it has no width and height');
    return undefined;
  }
  const mask = new Uint8Array(width * height);
  try {
    for (const shape of shapes) {
      if (Array.isArray(shape)) {
        for (const polygon of shape) {
          if (!Array.isArray(polygon)) throw new Error('its segmentation has a polygon that is no list of numbers');
          paintPolygon(polygon.map(Number), mask, width, height);
        }
        continue;
      }
      const { size, counts } = shape as { size?: unknown; counts?: unknown };
      if (typeof counts !== 'string' && !Array.isArray(counts))
        throw new Error('its segmentation is neither polygons nor run lengths');
      const [h, w] = Array.isArray(size) ? size.map(Number) : [height, width];
      if (h !== height || w !== width) throw new Error(`a mask of ${w}×${h} in an image of ${width}×${height}`);
      const runs = typeof counts === 'string' ? decompressCounts(counts) : counts.map(Number);
      paintRle({ size: [height, width], counts: runs }, mask);
    }
  } catch (error) {
    complain((error as Error).message);
    return undefined;
  }
  return mask.includes(1) ? encodeRle(mask, width, height) : undefined;
}
