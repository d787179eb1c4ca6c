import { float32, type Tensor } from '../../graph/tensor.ts';
import { stateNames, type StateName } from '../../nferd/trainStep.ts';
import type { DetectorConfig } from '../../nferd/config.ts';
import type { Files } from '../ports/disk.ts';
import type { Sha256 } from '../ports/teacherPorts.ts';
import type { StudentProgress } from './trainStudents.ts';

/** Of the folder's format; another one is not resumed. */
const formatVersion = 1;

/**
 * Of everything that decides the result: the images and what they show, configuration, teacher,
 * seed, format.
 */
export async function fingerprintOf(
  {
    images,
    ...rest
  }: {
    readonly images: readonly string[];
    readonly config: DetectorConfig;
    readonly seed: number;
    readonly teacher: string;
  },
  { files, sha256 }: { readonly files: Files; readonly sha256: Sha256 },
): Promise<string> {
  const contents: string[] = [];
  for (const image of images) contents.push(sha256(await files.read(image)));
  return sha256(JSON.stringify({ formatVersion, images, contents, ...rest }));
}

interface Header {
  /** fingerprintOf the training. Another one is not resumed. */
  readonly fingerprint: string;
  readonly view: number;
  readonly step: number;
  readonly losses: readonly number[];
  readonly finished: number;
}

/** Writes it as a whole; the one before stays until then. */
export async function saveCheckpoint(
  folder: string,
  fingerprint: string,
  progress: StudentProgress,
  files: Files,
): Promise<void> {
  const { view, step, losses, finished, state } = progress;
  const header: Header = { fingerprint, view, step, losses, finished: finished.length };
  const bytes = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  await files.writeFolder(folder, async (temporary) => {
    for (const name of stateNames) await files.write(`${temporary}/${name}.f32`, bytes(state[name]));
    for (const [at, weights] of finished.entries()) await files.write(`${temporary}/finished${at}.f32`, bytes(weights));
    await files.write(`${temporary}/checkpoint.json`, `${JSON.stringify(header)}\n`);
  });
}

/** The checkpoint in `folder`, or undefined where there is none that fits. */
export async function loadCheckpoint(
  folder: string,
  fingerprint: string,
  files: Files,
): Promise<StudentProgress | undefined> {
  const path = `${folder}/checkpoint.json`;
  if (!(await files.exists(path))) return undefined;
  try {
    const header = JSON.parse(await files.readText(path)) as Header;
    if (header.fingerprint !== fingerprint) return undefined;
    const vector = async (name: string): Promise<Tensor> => {
      const bytes = await files.read(`${folder}/${name}.f32`);
      return float32(new Float32Array(bytes.slice().buffer));
    };
    const state = {} as Record<StateName, Tensor>;
    for (const name of stateNames) state[name] = await vector(name);
    const finished: Tensor[] = [];
    for (let at = 0; at < header.finished; at++) finished.push(await vector(`finished${at}`));
    const { view, step, losses } = header;
    // All are weights of the same student, so one that differs in length was cut short.
    const whole = [...Object.values(state), ...finished].every(({ data }) => data.length === state.theta.data.length);
    return whole ? { view, step, state, losses, finished } : undefined;
  } catch {
    // A damaged checkpoint costs a new start, never a wrong detector.
    return undefined;
  }
}
