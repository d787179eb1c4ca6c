import { createRng } from '../../dataset/rng.ts';
import { defaultConfig, defaultStudent, withStudent, type DetectorConfig } from '../../nferd/config.ts';
import type { CudaProof } from '../cuda/cudaRuntime.ts';
import { openDetector } from '../detect/openDetector.ts';
import { detect } from '../detect/detect.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import type { Images, RgbImage, Size } from '../ports/disk.ts';
import type { Clock } from '../ports/progress.ts';
import type { Teacher } from '../teacher/teacherStore.ts';
import { trainDetector } from '../train/trainDetector.ts';

const normals = Array.from({ length: 6 }, (_, i) => `normal ${i}`);
const odd = 'odd';

const config: DetectorConfig = {
  ...defaultConfig,
  bank: { ...defaultConfig.bank, entries: [64, 256, 256], candidates: 4000 },
};

/**
 * Trains an instant detector on drawn images on the processor and detects a defect with it there
 * and on another provider.
 * @throws Error with the provider's own words where it can't
 */
export async function compareProviders(
  provider: string,
  teacher: Teacher,
  ports: Omit<EnginePorts, 'images' | 'files' | 'compute'>,
  clock: Clock,
): Promise<CudaProof> {
  const on = (executionProvider: string): EnginePorts => ({
    ...ports,
    compute: { executionProvider, threads: 0 },
    images: drawn,
    files: nowhere,
  });
  const request = { images: normals, source: 'drawn', out: 'nowhere', name: 'proof', teacher, config, seed: 1 };
  const { detector } = await trainDetector(
    { ...request, falseAlarmRate: 0.05, createdAt: '2020-01-01T00:00:00Z' },
    on('cpu'),
    { clock },
  );
  const look = async (name: string) => {
    const loaded = await openDetector(detector, on(name));
    try {
      await detect(odd, loaded, on(name));
      const start = clock();
      const { anomalyMap } = await detect(odd, loaded, on(name));
      return { map: anomalyMap.data, ms: clock() - start };
    } finally {
      await loaded.session.release();
    }
  };
  const processor = await look('cpu');
  const other = await look(provider);
  const maxDifference = processor.map.reduce((most, value, i) => Math.max(most, Math.abs(value - other.map[i]!)), 0);
  return { maxDifference, cudaMs: other.ms, cpuMs: processor.ms };
}

/** A short training on a provider beside the same on the processor. */
export interface TrainingComparison {
  /** Largest relative difference of a step's loss, all views. */
  readonly maxLossDifference: number;
  /** Of the whole training. */
  readonly cpuMs: number;
  readonly otherMs: number;
}

/**
 * Trains a few steps of a student on the processor and on another provider, from the same seed; the
 * step's form for the processor is another than there.
 * @param inputSize smaller for a provider that is slow
 */
export async function compareTraining(
  provider: string,
  teacher: Teacher,
  ports: Omit<EnginePorts, 'images' | 'files' | 'compute'>,
  clock: Clock,
  inputSize = config.inputSize,
): Promise<TrainingComparison> {
  const student = withStudent({ ...config, inputSize }, { ...defaultStudent, steps: 8, batch: 4 });
  const train = async (executionProvider: string) => {
    const start = clock();
    const { detector } = await trainDetector(
      {
        images: Array.from({ length: 24 }, (_, i) => `normal ${i}`),
        source: 'drawn',
        out: 'nowhere',
        name: 'proof',
        teacher,
        config: student,
        seed: 1,
        falseAlarmRate: 0.05,
        createdAt: '2020-01-01T00:00:00Z',
      },
      { ...ports, compute: { executionProvider, threads: 0 }, images: drawn, files: nowhere },
      { clock },
    );
    return { losses: detector.record.training?.losses ?? [], ms: clock() - start };
  };
  const processor = await train('cpu');
  const other = await train(provider);
  const differences = processor.losses.map(
    (loss, i) => Math.abs(loss - other.losses[i]!) / Math.max(1e-6, Math.abs(loss)),
  );
  return { maxLossDifference: Math.max(...differences), cpuMs: processor.ms, otherMs: other.ms };
}

/** A grained grey plate; the odd one has a bright square. */
function draw(name: string, { width, height }: Size): RgbImage {
  const rng = createRng(name === odd ? 99 : Number(/\d+/.exec(name)));
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const inSquare = name === odd && x > 0.4 * width && x < 0.6 * width && y > 0.4 * height && y < 0.6 * height;
    data.fill(Math.min(255, Math.max(0, Math.round((inSquare ? 200 : 110) + 6 * rng.normal()))), 3 * i, 3 * i + 3);
  }
  const size = { width, height };
  return { ...size, data, content: { left: 0, top: 0, ...size }, original: size };
}

const never = (): never => {
  throw new Error('not in a proof');
};
const drawn: Images = {
  open: never,
  readImage: (name, size) => Promise.resolve(draw(name, size)),
  readMask: never,
  readFullImage: (name) => Promise.resolve(draw(name, { width: 64, height: 64 })),
  writePng: never,
};

/** The detector is needed in memory alone. */
const nowhere: EnginePorts['files'] = {
  list: never,
  exists: () => Promise.resolve(false),
  // What a checkpoint knows an image by.
  read: (name) => Promise.resolve(Uint8Array.from(name, (letter) => letter.charCodeAt(0))),
  readText: never,
  hash: (name) => Promise.resolve(name),
  write: () => Promise.resolve(),
  writeFolder: (folder, fill) => fill(folder),
  remove: () => Promise.resolve(),
};
