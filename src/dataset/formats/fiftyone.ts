import { isNormalName } from '../folderNames.ts';
import { readLabel, readSource, type ImageLabel, type LabelledImage } from './labelledImage.ts';

/**
 * FiftyOneDataset as FiftyOne writes it to disk: `metadata.json` describes the fields,
 * `samples.json` holds the samples, images lie in `data`, masks in `fields/mask`. `ground_truth` is
 * our label, `defect_type` and `label_source` are text, `mask` a Segmentation.
 */
export interface FiftyoneSample extends LabelledImage {
  /**
   * Path of the mask, relative to the dataset's folder (or, in other programs' files, absolute).
   */
  readonly mask?: string;
  /** Of Detections and Polylines: polygons x, y, x, y … in shares of the image's width and height. */
  readonly regions?: readonly (readonly number[])[];
}

/** Where an export puts images and masks, relative to the dataset's folder. */
export const fiftyonePaths = {
  image: (image: string): string => `data/${image}`,
  mask: (image: string): string => `fields/mask/${image}.png`,
} as const;

/**
 * The oldest version whose format this is: FiftyOne migrates what is older than itself and refuses
 * what is newer.
 */
const version = '1.0.0';

/**
 * @param now ISO 8601
 * @param idOf 24 hexadecimal digits, the same for the same text: FiftyOne's ObjectIds
 */
export function fiftyoneFiles(
  samples: readonly FiftyoneSample[],
  name: string,
  now: string,
  idOf: (text: string) => string,
): { readonly metadata: string; readonly samples: string } {
  const date = { $date: now };
  const label = (cls: string, text: string, rest: object) => ({
    _id: { $oid: idOf(text) },
    _cls: cls,
    tags: [],
    ...rest,
  });
  const documents = samples.map(({ image, label: said, defectType, by, mask }, at) => ({
    _id: { $oid: idOf(image) },
    filepath: fiftyonePaths.image(image),
    tags: [],
    metadata: null,
    _media_type: 'image',
    _rand: (at * 0.618033988749895) % 1,
    ground_truth: said ? label('Classification', `${image}\0label`, { label: said }) : null,
    defect_type: defectType ?? null,
    label_source: by ?? null,
    mask: mask === undefined ? null : label('Segmentation', `${image}\0mask`, { mask_path: mask }),
    created_at: date,
    last_modified_at: date,
  }));
  const metadata = {
    version,
    name,
    media_type: 'image',
    persistent: false,
    tags: [],
    info: { nferd: 1 },
    app_config: {},
    classes: {},
    default_classes: [],
    mask_targets: { mask: { '255': 'defect' } },
    default_mask_targets: {},
    skeletons: {},
    sample_fields: fields(date),
    frame_fields: [],
    saved_views: [],
    workspaces: [],
    annotation_runs: {},
    brain_methods: {},
    evaluations: {},
    runs: {},
  };
  return { metadata: JSON.stringify(metadata), samples: JSON.stringify({ samples: documents }) };
}

const core = 'fiftyone.core';

function fields(date: object): object[] {
  const field = (name: string, type: string, more: object = {}) => ({
    name,
    ftype: `${core}.fields.${type}`,
    embedded_doc_type: null,
    subfield: null,
    fields: [],
    db_field: name,
    description: null,
    info: null,
    read_only: false,
    created_at: date,
    ...more,
  });
  const text = (name: string) => field(name, 'StringField');
  const embedded = (name: string, type: string, inner: readonly object[]) =>
    field(name, 'EmbeddedDocumentField', { embedded_doc_type: `${core}.${type}`, fields: inner });
  const list = (name: string) => field(name, 'ListField', { subfield: `${core}.fields.StringField` });
  const id = field('id', 'ObjectIdField', { db_field: '_id' });
  const integer = (name: string) => field(name, 'IntField');
  return [
    id,
    text('filepath'),
    list('tags'),
    embedded('metadata', 'metadata.ImageMetadata', [
      integer('size_bytes'),
      text('mime_type'),
      integer('width'),
      integer('height'),
      integer('num_channels'),
    ]),
    text('_media_type'),
    field('_rand', 'FloatField'),
    field('_dataset_id', 'ObjectIdField'),
    field('created_at', 'DateTimeField', { read_only: true }),
    field('last_modified_at', 'DateTimeField', { read_only: true }),
    embedded('ground_truth', 'labels.Classification', [
      id,
      list('tags'),
      text('label'),
      field('confidence', 'FloatField'),
      field('logits', 'VectorField'),
    ]),
    text('defect_type'),
    text('label_source'),
    embedded('mask', 'labels.Segmentation', [id, list('tags'), field('mask', 'ArrayField'), text('mask_path')]),
  ];
}

type Json = Readonly<Record<string, unknown>>;
const record = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

/**
 * Reads `samples.json` of any FiftyOneDataset: the Classification `ground_truth` (or the only one
 * there is) and the Segmentation `mask` (or the only one). A class that is no label of ours is a
 * defect type. `image` is the sample's path without `data/`.
 * @param name the file, for messages
 * @throws Error where the text is no such file
 */
export function parseFiftyone(text: string, name: string): { samples: FiftyoneSample[]; notes: string[] } {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw new Error(`${name}: not valid JSON. Export the dataset again.`);
  }
  const given = record(json)?.['samples'];
  if (!Array.isArray(given))
    throw new Error(`${name}: has no "samples", so it is no FiftyOneDataset. Export with FiftyOneDataset.`);
  const notes: string[] = [];
  let boxes = 0;
  const samples = given.map(record).flatMap((sample): FiftyoneSample[] => {
    const path = sample?.['filepath'];
    if (!sample || typeof path !== 'string') return [];
    const image = path.replace(/^data\//, '');
    const mask = labelOf(sample, 'mask', 'Segmentation')?.['mask_path'];
    const inline = labelOf(sample, 'mask', 'Segmentation')?.['mask'];
    if (typeof mask !== 'string' && inline)
      notes.push(
        `${name}: ${image}: its mask is stored inside the sample and left out. Export masks as files (mask_path).`,
      );
    const by = readSource(sample['label_source']);
    const found = regionsOf(sample);
    const whole = said(sample);
    const [kind, ...more] = [...new Set(found.map(({ label }) => label))].sort();
    if (more.length > 0)
      notes.push(
        `${name}: ${image}: several defect types; "${kind}" is kept, with the regions of all, not ${more.join(', ')}.`,
      );
    boxes += found.filter(({ box }) => box).length;
    const regions = found.map(({ polygon }) => polygon);
    return [
      {
        image,
        ...(kind === undefined || (whole.label && whole.label !== 'normal')
          ? whole
          : { label: 'anomalous', defectType: kind }),
        ...(by && { by }),
        ...(typeof mask === 'string' && { mask }),
        ...(regions.length > 0 && { regions }),
      },
    ];
  });
  if (boxes > 0) notes.push(`${name}: regions that are boxes: ${boxes}. Outlines inside samples are not read.`);
  return { samples, notes };
}

/** A sample's defects; regions of a class called normal are none. */
function regionsOf(
  sample: Json,
): { readonly label: string; readonly polygon: readonly number[]; readonly box: boolean }[] {
  const listed = (cls: string, key: string): Json[] => {
    const list = labelOf(sample, 'ground_truth', cls)?.[key];
    return (Array.isArray(list) ? list : []).map(record).filter((one) => one !== undefined);
  };
  const boxes = listed('Detections', 'detections').map(({ label, bounding_box: box }) => {
    const [x = NaN, y = NaN, w = NaN, h = NaN] = Array.isArray(box) ? box.map(Number) : [];
    return { label, polygon: [x, y, x + w, y, x + w, y + h, x, y + h], box: true };
  });
  const lines = listed('Polylines', 'polylines').flatMap(({ label, points }) =>
    (Array.isArray(points) ? points : []).map((line: unknown) => ({
      label,
      polygon: (Array.isArray(line) ? line.flat() : []).map(Number),
      box: false,
    })),
  );
  return [...boxes, ...lines]
    .filter(({ polygon }) => polygon.length >= 6 && polygon.every((share) => share >= -1 && share <= 2))
    .map((found) => ({ ...found, label: typeof found.label === 'string' ? found.label : 'defect' }))
    .filter(({ label }) => readLabel(label) !== 'normal');
}

function labelOf(sample: Json, name: string, cls: string): Json | undefined {
  const isOne = (value: Json | undefined): value is Json => value?.['_cls'] === cls;
  const own = record(sample[name]);
  if (isOne(own)) return own;
  // What a model said is no label.
  const given = Object.entries(sample).filter(([field]) => !/pred/i.test(field));
  const others = given.map(([, value]) => record(value)).filter(isOne);
  return others.length === 1 ? others[0] : undefined;
}

function said(sample: Json): { label?: ImageLabel; defectType?: string } {
  const text = labelOf(sample, 'ground_truth', 'Classification')?.['label'];
  if (typeof text !== 'string') return {};
  const type = sample['defect_type'];
  const label = readLabel(text);
  if (label) return { label, ...(typeof type === 'string' && { defectType: type }) };
  return isNormalName(text) ? { label: 'normal' } : { label: 'anomalous', defectType: text };
}
