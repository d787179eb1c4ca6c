import { detectorFile } from '../../dataset/onDisk.ts';
import { normalTrainingItems } from '../../dataset/normalTrainingItems.ts';
import {
  defaultConfig,
  defaultSide,
  defaultStudent,
  withStudent,
  type DetectorConfig,
  type Fusion,
} from '../../nferd/config.ts';
import type { Precision } from '../../protocol/engine.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { asUserErrors, UserError } from '../ports/errors.ts';
import { rememberNormals } from '../dataset/normalMemory.ts';
import { readDataset } from '../dataset/readDataset.ts';
import type { Files } from '../ports/disk.ts';
import { inputFor } from './inputFor.ts';
import { choosePrecision } from './precision.ts';
import type { Watch } from '../ports/progress.ts';
import { resolveTeacher, type TeacherFolders } from '../teacher/teacherStore.ts';
import { trainDetector, type Trained } from './trainDetector.ts';

/** The backbone that ships with the product. */
export const defaultTeacher = 'efficientnet-lite0';
export const defaultSeed = 1;
/** Share of normal images that may score above the threshold. */
export const defaultFalseAlarmRate = 0.05;

/** What may be changed of the default configuration. */
export interface Wishes {
  /** Where absent: distilled if something is asked of the student, else instant. */
  readonly mode?: 'instant' | 'distilled';
  /** Of the student: in instant mode there is none. */
  readonly steps?: number;
  readonly fusion?: Fusion;
  /** Shorter side of the detector's input; the longer one follows the images' shape. */
  readonly size?: number;
}

export interface FolderTraining extends Wishes {
  /** A dataset or a folder of normal images; absolute, with `/`. */
  readonly folder: string;
  /**
   * Its folders that hold normal images, where names don't tell (saidOf); remembered. Where absent,
   * what was remembered counts.
   */
  readonly normal?: readonly string[];
  /** The detector's folder; absolute, with `/`. Its name, without `.nferd`, is the detector's. */
  readonly out: string;
  readonly teacher?: string;
  readonly seed?: number;
  readonly precision?: Precision;
  readonly falseAlarmRate?: number;
  /** Told, before the training, what of the folder was left out: one line each. */
  readonly onNote?: (note: string) => void;
}

/**
 * Trains a detector on the normal images of a folder in any layout: what the command line and the
 * extension do.
 * @throws UserError, Cancelled (see trainDetector)
 */
export async function trainOnFolder(
  request: FolderTraining,
  teachers: TeacherFolders,
  ports: EnginePorts,
  watch: Watch,
): Promise<Trained> {
  const { folder, out } = request;
  const dataset = await readDataset(folder, ports, request.normal);
  dataset.notes.forEach((note) => request.onNote?.(note));
  const items = asUserErrors(() => normalTrainingItems(dataset));
  await checkOut(out, ports.files);
  if (request.normal) await rememberNormals(folder, request.normal, ports.files);
  const images = items.map((item) => `${folder}/${item.path}`);
  const input = await inputFor(images, request.size ?? defaultSide, ports.images);
  if (input.note) request.onNote?.(`${folder}: ${input.note}`);
  const config = { ...configOf(request), inputSize: input.size };
  const teacher = await resolveTeacher(request.teacher ?? defaultTeacher, teachers, ports);
  const precision = await choosePrecision(request.precision ?? 'float32', teacher, config, ports, watch);
  return trainDetector(
    {
      images,
      source: folder,
      out,
      name: out.replace(/^.*\//, '').replace(/\.nferd$/, ''),
      teacher,
      config: precision === 'float16' ? { ...config, precision } : config,
      seed: request.seed ?? defaultSeed,
      falseAlarmRate: request.falseAlarmRate ?? defaultFalseAlarmRate,
      createdAt: new Date().toISOString(),
    },
    ports,
    watch,
  );
}

/** The default configuration with the user's changes. */
export function configOf({ mode, steps, fusion, size = defaultSide }: Wishes): DetectorConfig {
  const sized: DetectorConfig = { ...defaultConfig, inputSize: size };
  const distilled = mode === 'distilled' || (mode === undefined && (steps !== undefined || fusion !== undefined));
  return distilled
    ? withStudent(sized, { ...defaultStudent, ...(steps !== undefined && { steps }), ...(fusion && { fusion }) })
    : sized;
}

/**
 * Training and teaching take their time: what would stop their last step should stop the first.
 * @throws UserError
 */
export async function checkOut(out: string, files: Files): Promise<void> {
  if ((await files.exists(out)) && !(await files.exists(`${out}/${detectorFile}`)))
    throw new UserError(
      `${out}: exists and is not a detector, so it is not replaced. Choose another folder for the detector.`,
    );
  const probe = `${out}.writable`;
  await files.write(probe, '').catch((error: unknown) => {
    throw new UserError((error as Error).message.replace(probe, out), { cause: error });
  });
  await files.remove(probe);
}
