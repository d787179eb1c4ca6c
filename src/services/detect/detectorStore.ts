import { detectorFile, modelFile, stateFile } from '../../dataset/onDisk.ts';
import { entriesOf } from '../../nferd/bank.ts';
import { conformalThreshold, farScores } from '../../verdict/conformal.ts';
import { checkConfig, inputShape, isMasked, type DetectorConfig } from '../../nferd/config.ts';
import type { TrainedView } from '../../nferd/detectorModel.ts';
import { stagesOf, type Stage } from '../../nferd/stages.ts';
import type { TeacherSpec } from '../../nferd/teacher/spec.ts';
import type { Thresholds } from '../../verdict/thresholds.ts';
import type { DetectorSummary, OddNormals } from '../../protocol/engine.ts';
import { UserError } from '../ports/errors.ts';
import { ahead } from '../ports/progress.ts';
import type { Files } from '../ports/disk.ts';
import type { Sha256 } from '../ports/teacherPorts.ts';

/**
 * Versions of the folder's format; a newer one is refused. The second one may have what isn't looked
 * at, or a context: programs that don't know of them would measure, show and teach something else.
 */
const [firstFormat, secondFormat] = [1, 2];
const magic = 'nferd detector';

/** What held-out normal images score, in the images' order. */
export interface Calibration {
  readonly scores: readonly number[];
  /** Largest value of each image's anomaly map. */
  readonly peaks: readonly number[];
}

/** `detector.json`. */
export interface DetectorRecord {
  readonly format: typeof magic;
  readonly formatVersion: number;
  readonly name: string;
  readonly createdAt: string;
  readonly seed: number;
  readonly config: DetectorConfig;
  readonly teacher: Pick<TeacherSpec, 'name' | 'sha256' | 'input' | 'outputs'>;
  /** sha256 of detector.onnx. */
  readonly model: { readonly file: typeof modelFile; readonly sha256: string };
  /** Normal images in the banks; provenance refers to them by index. Absolute paths with `/`. */
  readonly images: readonly string[];
  /** The folder that they came from, as absolute; absent in detectors of older versions. */
  readonly source?: string | undefined;
  /**
   * sha256 of the files of `images` and `calibration.images`, sorted, so that copies are known;
   * absent in detectors of older versions.
   */
  readonly contents?: readonly string[] | undefined;
  /** Per stage (stagesOf): image, row, column of each entry, in one list. */
  readonly provenance: readonly (readonly number[])[];
  readonly calibration: Calibration & {
    /**
     * `held-out`: images that neither trained nor filled a bank, in distilled mode; `own entries left
     * out`: those of the banks, in instant mode.
     */
    readonly method: 'held-out' | 'own entries left out';
    readonly falseAlarmRate: number;
    /**
     * The images that calibrated where they aren't `images`, absolute and as the scores are ordered,
     * so that a detector that is taught more can be calibrated anew.
     */
    readonly images?: readonly string[];
  };
  /**
   * sha256 of detector.state, which teaching starts from; absent in detectors of older versions.
   */
  readonly state?: { readonly file: typeof stateFile; readonly sha256: string };
  /**
   * What was taught as normal after the training, each time: the version that was taught, and how
   * many places.
   */
  readonly taught?: readonly { readonly version: string; readonly places: number }[];
  readonly training?: { readonly losses: readonly number[] };
}

export interface Detector {
  readonly folder: string;
  readonly record: DetectorRecord;
  readonly model: Uint8Array;
}

/** image, row, column of each entry of each stage's bank. */
export const provenanceOf = (views: readonly TrainedView[]): number[][] =>
  views.flatMap(({ banks }) =>
    banks.map((bank) => {
      const { image, row, column } = bank.provenance;
      return Array.from({ length: entriesOf(bank) }, (_, at) => [image[at]!, row[at]!, column[at]!]).flat();
    }),
  );

/** Images that are hashed at once. */
const hashedAtOnce = 4;

/** `contents` of a record: `known`, and those of the files that are still there. */
export async function contentsOf(
  images: readonly string[],
  files: Pick<Files, 'hash'>,
  known: readonly string[] = [],
): Promise<string[]> {
  const found = new Set(known);
  const hash = (image: string) => files.hash(image).catch(() => undefined);
  for await (const content of ahead(new Set(images), hashedAtOnce, hash)) if (content) found.add(content);
  return [...found].sort();
}

/** Writes the detector's folder as a whole, or not at all. @param state packState of its views */
export async function saveDetector(
  folder: string,
  record: Omit<DetectorRecord, 'format' | 'formatVersion' | 'model' | 'state'>,
  model: Uint8Array,
  { files, sha256 }: { readonly files: Files; readonly sha256: Sha256 },
  state?: Uint8Array,
): Promise<Detector> {
  const whole: DetectorRecord = {
    format: magic,
    formatVersion: isMasked(record.config) || record.config.map.context ? secondFormat : firstFormat,
    ...record,
    model: { file: modelFile, sha256: sha256(model) },
    ...(state && { state: { file: stateFile, sha256: sha256(state) } }),
  };
  await files.writeFolder(folder, async (temporary) => {
    await files.write(`${temporary}/${modelFile}`, model);
    if (state) await files.write(`${temporary}/${stateFile}`, state);
    await files.write(`${temporary}/${detectorFile}`, `${JSON.stringify(whole)}\n`);
  });
  return { folder, record: whole, model };
}

/**
 * Reads a detector's folder.
 * @throws UserError where a file is missing, damaged or of a newer format
 */
export async function loadDetector(
  folder: string,
  { files, sha256 }: { readonly files: Files; readonly sha256: Sha256 },
): Promise<Detector> {
  const path = `${folder}/${detectorFile}`;
  const again = 'Train the detector again, or restore the folder from a copy.';
  if (!(await files.exists(path)))
    throw new UserError(`${folder}: not a detector (detector.json is missing). Choose a folder made by "nferd train".`);
  const record = parseRecord(await files.readText(path), path, again);
  const modelPath = `${folder}/${record.model.file}`;
  if (!(await files.exists(modelPath))) throw new UserError(`${modelPath}: missing. ${again}`);
  const model = await files.read(modelPath);
  if (sha256(model) !== record.model.sha256)
    throw new UserError(`${modelPath}: damaged (its checksum differs from detector.json's). ${again}`);
  return { folder, record, model };
}

function parseRecord(text: string, path: string, again: string): DetectorRecord {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UserError(`${path}: damaged (not valid JSON). ${again}`);
  }
  const record = json as Partial<DetectorRecord> | null;
  if (record?.format !== magic)
    throw new UserError(`${path}: not a detector's description (format "${magic}" expected). ${again}`);
  if (typeof record.formatVersion !== 'number' || record.formatVersion > secondFormat)
    throw new UserError(
      `${path}: format ${record.formatVersion ?? 'unknown'}, this version reads up to ${secondFormat}. Update NFERD.`,
    );
  const missing = (['config', 'teacher', 'model', 'images', 'provenance', 'calibration'] as const).find(
    (key) => typeof record[key] !== 'object' || record[key] === null,
  );
  if (missing) throw new UserError(`${path}: damaged ("${missing}" is missing). ${again}`);
  const whole = record as DetectorRecord;
  for (const key of ['scores', 'peaks'] as const) {
    const values: unknown = whole.calibration[key];
    if (!Array.isArray(values) || values.length === 0 || !values.every(Number.isFinite))
      throw new UserError(`${path}: damaged ("calibration.${key}" must be numbers). ${again}`);
  }
  const rate = whole.calibration.falseAlarmRate;
  if (!(rate > 0 && rate < 1))
    throw new UserError(`${path}: damaged ("calibration.falseAlarmRate" must lie between 0 and 1). ${again}`);
  if (whole.model.file !== modelFile)
    throw new UserError(`${path}: damaged ("model.file" must be "${modelFile}"). ${again}`);
  if (!isTexts(whole.images)) throw new UserError(`${path}: damaged ("images" must be paths). ${again}`);
  if (whole.source !== undefined && typeof whole.source !== 'string')
    throw new UserError(`${path}: damaged ("source" must be a folder). ${again}`);
  if (whole.contents !== undefined && !isTexts(whole.contents))
    throw new UserError(`${path}: damaged ("contents" must be checksums). ${again}`);
  const stages = stagesIn(whole.config);
  if (!stages) throw new UserError(`${path}: damaged ("config" describes no detector). ${again}`);
  const fits =
    whole.provenance.length === stages.length &&
    stages.every((stage, at) => isProvenance(whole.provenance[at], stage, whole.images.length));
  if (!fits) throw new UserError(`${path}: damaged ("provenance" does not fit "config" and "images"). ${again}`);
  return whole;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((text) => typeof text === 'string');

/** Undefined for a configuration that no detector can have. */
function stagesIn(config: DetectorConfig): Stage[] | undefined {
  try {
    checkConfig(config);
    return stagesOf(config);
  } catch {
    return undefined;
  }
}

/** Whether it is image, row, column of at least one entry, each in its range. */
function isProvenance(values: unknown, { rows, columns }: Stage, images: number): boolean {
  const limits = [images, rows, columns];
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    values.length % 3 === 0 &&
    values.every((value, i) => Number.isInteger(value) && value >= 0 && value < limits[i % 3]!)
  );
}

/**
 * Image and pixel thresholds for a false-alarm rate, by default the one the detector was trained
 * for.
 */
export function thresholdsOf({ calibration }: DetectorRecord, falseAlarmRate = calibration.falseAlarmRate): Thresholds {
  const image = conformalThreshold(calibration.scores, falseAlarmRate);
  const pixel = conformalThreshold(calibration.peaks, falseAlarmRate);
  return {
    image: image.threshold,
    pixel: pixel.threshold,
    falseAlarmRate: image.falseAlarmRate,
    promised: image.promised,
  };
}

/**
 * The normal images that the image threshold hangs on although they score far above the others
 * (farScores); undefined where there are none, or where an older version did not keep which images
 * they were.
 */
export function oddNormalsOf({ calibration, images }: DetectorRecord): OddNormals | undefined {
  const { scores, falseAlarmRate, method } = calibration;
  const named = calibration.images ?? (method === 'held-out' ? undefined : images);
  const far = farScores(scores, falseAlarmRate);
  if (!far || named?.length !== scores.length) return undefined;
  return {
    images: far.at.map((at) => ({ path: named[at]!, score: scores[at]! })),
    others: scores.length - far.at.length,
    threshold: far.threshold,
  };
}

/** What views and lists show of a detector. */
export function summaryOf({ folder, record }: Pick<Detector, 'folder' | 'record'>): DetectorSummary {
  const odd = oddNormalsOf(record);
  return {
    folder,
    name: record.name,
    mode: record.config.student ? 'distilled' : 'instant',
    teacher: record.teacher.name,
    input: inputShape(record.config),
    ...(record.config.roi && { roi: record.config.roi }),
    normalImages: record.images.length,
    createdAt: record.createdAt,
    version: record.model.sha256.slice(0, 12),
    thresholds: thresholdsOf(record),
    ...(odd && { oddNormals: odd }),
    calibrationScores: record.calibration.scores.toSorted((a, b) => a - b),
    calibrationPeaks: record.calibration.peaks.toSorted((a, b) => a - b),
  };
}
