import * as ort from 'onnxruntime-node';
import { explainedOutputs, openDetector } from '../../src/services/detect/openDetector.ts';
import { detectWithPicture } from '../../src/services/detect/detect.ts';
import { thresholdsOf, type Detector } from '../../src/services/detect/detectorStore.ts';
import { heatmap, shownSize } from '../../src/services/detect/heatmap.ts';
import type { Images } from '../../src/services/ports/disk.ts';
import { imageInput } from '../../src/services/detect/imageInput.ts';
import { ports, threads } from './subject.ts';

/**
 * Milliseconds of one detection. `decode` and `session` may run at the same time and each is
 * measured from its start to its end; `draw` blends the heatmap, `encode` makes and writes the PNG.
 */
export interface Parts {
  readonly decode: number;
  readonly session: number;
  readonly draw: number;
  readonly encode: number;
  readonly whole: number;
}

/**
 * From the file to the heatmap's PNG as `nferd detect` makes it, with its default size, with a
 * clock on each part.
 */
export async function startWhole(detector: Detector) {
  const spent = { decode: 0, session: 0, draw: 0, encode: 0 };
  const clocked =
    <A extends unknown[], R>(part: keyof typeof spent, call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const start = performance.now();
      const result = await call(...given);
      spent[part] += performance.now() - start;
      return result;
    };
  const opened = await openDetector(detector, ports, { outputs: explainedOutputs(detector.record.config) });
  const session = { ...opened.session, run: clocked('session', opened.session.run) };
  const loaded = { detector, session };
  // From opening the file to the last of its two sizes, which are read at the same time.
  const open: Images['open'] = async (path) => {
    const start = performance.now();
    const file = await ports.images.open(path);
    return {
      size: file.size,
      read: (...targets) => {
        const reads = file.read(...targets);
        void Promise.all(reads).then(() => (spent.decode = performance.now() - start));
        return reads;
      },
    };
  };
  const images: Images = { ...ports.images, open, writePng: clocked('encode', ports.images.writePng) };
  const { pixel } = thresholdsOf(detector.record);
  return {
    async run(image: string, out: string): Promise<Parts> {
      Object.assign(spent, { decode: 0, session: 0, draw: 0, encode: 0 });
      const start = performance.now();
      const { anomalyMap, picture } = await detectWithPicture(image, loaded, { images }, (size) => shownSize(size));
      const drawing = performance.now();
      const drawn = heatmap(picture, anomalyMap, pixel);
      spent.draw = performance.now() - drawing;
      await images.writePng(out, drawn, { flush: false, compress: false });
      return { ...spent, whole: performance.now() - start };
    },
    end: () => session.release(),
  };
}

/**
 * What the whole is held against, one after the other: decoding the file once to the size that is
 * drawn on (not also to the model's), and onnxruntime alone on a ready input.
 * @param model with the outputs that are to be computed
 * @param size of its input
 */
export async function startRaw(model: Uint8Array, size: number) {
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
  });
  return {
    /** @returns milliseconds of both */
    async run(image: string): Promise<number> {
      const read = await ports.images.readImage(image, { width: size, height: size });
      const { data, dims } = imageInput([read]);
      const input = new ort.Tensor('float32', data as Float32Array, [...dims]);
      const start = performance.now();
      await ports.images.readImage(image, shownSize(read.original));
      await session.run({ image: input });
      return performance.now() - start;
    },
    end: () => session.release(),
  };
}
