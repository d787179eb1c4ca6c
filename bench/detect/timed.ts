import * as ort from 'onnxruntime-node';
import { openDetector, detect } from '../../src/services/detect.ts';
import { thresholdsOf, type Detector } from '../../src/services/detectorStore.ts';
import { heatmap } from '../../src/services/heatmap.ts';
import { imageInput } from '../../src/services/imageInput.ts';
import { ports, threads } from './subject.ts';

/** Milliseconds of one detection. `rest` is what the others leave of the whole: input and output tensors, blending the heatmap. */
export interface Parts {
  readonly decode: number;
  readonly session: number;
  readonly rest: number;
  readonly encode: number;
  readonly whole: number;
}

/** From the file to the heatmap's PNG as `nferd detect` makes it, at the image's own size, with a clock on each part. */
export async function startWhole(detector: Detector) {
  const spent = { decode: 0, session: 0, encode: 0 };
  const clocked =
    <A extends unknown[], R>(part: keyof typeof spent, call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const start = performance.now();
      const result = await call(...given);
      spent[part] += performance.now() - start;
      return result;
    };
  const opened = await openDetector(detector, ports);
  const session = { ...opened.session, run: clocked('session', opened.session.run) };
  const loaded = { detector, session };
  const images = {
    ...ports.images,
    readImage: clocked('decode', ports.images.readImage),
    writePng: clocked('encode', ports.images.writePng),
  };
  const { pixel } = thresholdsOf(detector.record);
  return {
    async run(image: string, out: string): Promise<Parts> {
      Object.assign(spent, { decode: 0, session: 0, encode: 0 });
      const start = performance.now();
      const { anomalyMap, original } = await detect(image, loaded, { images });
      const picture = heatmap(await images.readImage(image, original), anomalyMap, pixel);
      await images.writePng(out, picture);
      const whole = performance.now() - start;
      return { ...spent, rest: whole - spent.decode - spent.session - spent.encode, whole };
    },
    end: () => session.release(),
  };
}

/** What the whole is held against: decoding the file once at its own size, and onnxruntime alone on a ready input. */
export async function startRaw(detector: Detector) {
  const session = await ort.InferenceSession.create(detector.model, {
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
  });
  const size = detector.record.config.inputSize;
  return {
    async run(image: string): Promise<{ readonly decode: number; readonly session: number }> {
      const { data, dims } = imageInput([await ports.images.readImage(image, { width: size, height: size })]);
      const input = new ort.Tensor('float32', data as Float32Array, [...dims]);
      const start = performance.now();
      await ports.images.readFullImage(image);
      const decoded = performance.now();
      await session.run({ image: input });
      return { decode: decoded - start, session: performance.now() - decoded };
    },
    end: () => session.release(),
  };
}
