import { detectorFile } from '../../dataset/onDisk.ts';
import { normalTrainingItems } from '../../dataset/normalTrainingItems.ts';
import { defaultConfig, defaultStudent, withStudent, type DetectorConfig, type Fusion } from '../../nferd/config.ts';
import type { ScaleWishes } from '../../nferd/scale.ts';
import type { Precision } from '../../protocol/engine.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { asUserErrors, orMessage, UserError } from '../ports/errors.ts';
import { rememberNormals } from '../dataset/normalMemory.ts';
import { readDataset } from '../dataset/readDataset.ts';
import type { Files } from '../ports/disk.ts';
import { fitInput } from './fitInput.ts';
import { choosePrecision } from './precision.ts';
import { readRoi } from './roi.ts';
import { ahead, type Watch } from '../ports/progress.ts';
import { resolveTeacher, type TeacherFolders } from '../teacher/teacherStore.ts';
import { trainDetector, type Trained } from './trainDetector.ts';

/** The backbone that ships with the product. */
export const defaultTeacher = 'efficientnet-lite0';
export const defaultSeed = 1;
/** Share of normal images that may score above the threshold. */
export const defaultFalseAlarmRate = 0.05;

/** What may be changed of the default configuration. */
export interface Wishes extends ScaleWishes {
  /** Where absent: distilled if something is asked of the student, else instant. */
  readonly mode?: 'instant' | 'distilled';
  /** Of the student: in instant mode there is none. */
  readonly steps?: number;
  readonly fusion?: Fusion;
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
  /**
   * A mask's file, of the images' shape: only where it isn't black do they count. Absolute, with
   * `/`.
   */
  readonly roi?: string;
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
  given: EnginePorts,
  watch: Watch,
): Promise<Trained> {
  const { folder, out } = request;
  const ports = { ...given, files: hashingOnce(given.files) };
  const dataset = await readDataset(folder, ports, request.normal);
  dataset.notes.forEach((note) => request.onNote?.(note));
  const items = asUserErrors(() => normalTrainingItems(dataset));
  await checkOut(out, ports.files);
  if (request.normal) await rememberNormals(folder, request.normal, ports.files);
  const found = items.map((item) => `${folder}/${item.path}`);
  const images = await withoutCopies(found, ports);
  if (images.length < found.length)
    request.onNote?.(`${folder}: ${found.length - images.length} images are copies of others and are left out.`);
  const { config: fitted, notes } = await fitInput(configOf(request), images, request, ports.images);
  notes.forEach((note) => request.onNote?.(`${folder}: ${note}`));
  const roi = request.roi === undefined ? undefined : await readRoi(request.roi, images, ports.images);
  if (roi?.note) request.onNote?.(roi.note);
  const config = roi ? { ...fitted, roi: roi.region } : fitted;
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

/** Copies are looked for by content, and the detector keeps contents: large files are read once for both. */
function hashingOnce(files: Files): Files {
  const known = new Map<string, Promise<string>>();
  const hash = (path: string): Promise<string> => {
    const found = known.get(path) ?? files.hash(path);
    known.set(path, found);
    return found;
  };
  return { ...files, hash };
}

/**
 * Each content once: an image calibrates without its own bank entries, but would find its copy's. All
 * that can't be read stay, to be named.
 */
async function withoutCopies(paths: readonly string[], ports: Pick<EnginePorts, 'files' | 'images'>) {
  const seen = new Set<string>();
  const kept: string[] = [];
  const hashed = async (path: string) => ({ path, content: await ports.files.hash(path).catch(() => path) });
  for await (const { path, content } of ahead(paths, 4, hashed)) {
    if (!seen.has(content) || typeof (await orMessage(ports.images.open(path))) === 'string') kept.push(path);
    seen.add(content);
  }
  return kept;
}

/** The default configuration with the user's changes, but for the input's size (fitInput). */
export function configOf({ mode, steps, fusion }: Omit<Wishes, keyof ScaleWishes>): DetectorConfig {
  const distilled = mode === 'distilled' || (mode === undefined && (steps !== undefined || fusion !== undefined));
  return distilled
    ? withStudent(defaultConfig, {
        ...defaultStudent,
        ...(steps !== undefined && { steps }),
        ...(fusion && { fusion }),
      })
    : defaultConfig;
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
