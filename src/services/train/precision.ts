import { createRng } from '../../dataset/rng.ts';
import { inHalfPrecision } from '../../graph/halfPrecision.ts';
import { decodeModel } from '../../graph/model.ts';
import { float32 } from '../../graph/tensor.ts';
import { inputShape, type DetectorConfig, type Size } from '../../nferd/config.ts';
import { featureModel, type TeacherModel } from '../../nferd/detectorModel.ts';
import type { Precision } from '../../protocol/engine.ts';
import { Cancelled, phase, type Watch } from '../ports/progress.ts';
import type { OpenSession, Session, SessionOptions } from '../ports/sessionPort.ts';
import type { Teacher } from '../teacher/teacherStore.ts';

/** The teacher as a detector of this configuration has it. */
export const teacherModelOf = (
  { spec, model }: Pick<Teacher, 'spec' | 'model'>,
  { precision }: Pick<DetectorConfig, 'precision'>,
): TeacherModel => ({
  spec,
  model: decodeModel(precision === 'float16' ? inHalfPrecision(model) : model),
});

/** A model in 16-bit floats beside itself. */
export interface HalfTrial {
  /** Time of the model / that in 16-bit floats. */
  readonly speedUp: number;
  /** Largest difference of an output, as a share of that output's largest value. */
  readonly difference: number;
}

/** Turns before the clock counts, which plan memory and choose algorithms, and turns that count. */
const [warming, turns] = [2, 5];
const imagesAtOnce = 4;
/**
 * After so long one turn that counts is enough: a slow execution provider must not take minutes.
 */
const enoughMs = 10_000;

/**
 * Runs both in turns on noise [4, 3, `side`, `side`]; the fastest runs count, as others of this
 * process may hold one up.
 * @throws Cancelled
 */
export async function tryHalf(
  sessions: { readonly whole: Session; readonly half: Session },
  input: string,
  { width, height }: Size,
  watch: Watch,
): Promise<HalfTrial> {
  const { clock } = watch;
  const report = phase(watch, 'Trying 16-bit floats', warming + turns);
  const begun = clock();
  const rng = createRng(1);
  const pixels = imagesAtOnce * 3 * height * width;
  const noise = Float32Array.from({ length: pixels }, () => Math.floor(256 * rng.uniform()));
  const feeds = { [input]: float32(noise, [imagesAtOnce, 3, height, width]) };
  const least = { whole: Infinity, half: Infinity };
  let difference = 0;
  for (let turn = -warming; turn < turns; turn++) {
    if (turn > 0 && clock() - begun > enoughMs) break;
    const found: Record<string, Awaited<ReturnType<Session['run']>>> = {};
    for (const form of ['whole', 'half'] as const) {
      const start = clock();
      found[form] = await sessions[form].run(feeds);
      if (turn >= 0) least[form] = Math.min(least[form], clock() - start);
    }
    for (const [name, { data }] of Object.entries(found['whole']!))
      difference = worse(
        difference,
        largestDifference(data as Float32Array, found['half']![name]!.data as Float32Array),
      );
    report(warming + turn + 1);
  }
  return { speedUp: least.whole / least.half, difference };
}

/** The larger one; NaN, which is within no tolerance, is the largest. */
const worse = (a: number, b: number): number => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b));

function largestDifference(wanted: Float32Array, found: Float32Array): number {
  let most = 0;
  let scale = 0;
  wanted.forEach((value, at) => {
    most = worse(most, Math.abs(value - found[at]!));
    scale = Math.max(scale, Math.abs(value));
  });
  return most === 0 ? 0 : most / scale;
}

/**
 * Tries the teacher's 16-bit form as a detector of this configuration would run it.
 * @returns undefined on the processor, where it never is faster (`npm run bench:int8`)
 * @throws what 16-bit floats fail at on the execution provider; Cancelled
 */
export async function tryTeacher(
  teacher: Teacher,
  config: DetectorConfig,
  { openSession, compute }: { readonly openSession: OpenSession; readonly compute: SessionOptions },
  watch: Watch,
): Promise<HalfTrial | undefined> {
  const sessions: Session[] = [];
  const open = async (precision: Pick<DetectorConfig, 'precision'>, executionProvider: string): Promise<Session> => {
    const model = featureModel(teacherModelOf(teacher, precision), config);
    const session = await openSession(model, { ...compute, executionProvider });
    sessions.push(session);
    return session;
  };
  try {
    const whole = await open({}, compute.executionProvider);
    const { executionProvider } = whole;
    if (executionProvider === 'cpu') return undefined;
    const half = await open({ precision: 'float16' }, executionProvider);
    return await tryHalf({ whole, half }, 'image', inputShape(config), watch);
  } finally {
    for (const session of sessions) await session.release();
  }
}

/** Faster by a tenth is worth it; features that differ by more than this are no rounding. */
const [worthwhile, tolerance] = [1.1, 0.02];

/**
 * What `auto` comes to: 16-bit floats where the teacher is faster in them on the execution
 * provider. What fails in 16 bits is trained in 32.
 * @throws Cancelled
 */
export async function choosePrecision(
  wish: Precision,
  ...given: Parameters<typeof tryTeacher>
): Promise<Exclude<Precision, 'auto'>> {
  if (wish !== 'auto') return wish;
  const trial = await tryTeacher(...given).catch((error: unknown) => {
    if (error instanceof Cancelled) throw error;
    return undefined;
  });
  return trial && trial.speedUp >= worthwhile && trial.difference <= tolerance ? 'float16' : 'float32';
}
