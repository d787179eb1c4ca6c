import { existsSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { makeDemo } from '../../scripts/demo/makeDemo.ts';
import { defaultConfig, defaultStudent } from '../../src/nferd/config.ts';
import { enginePorts } from '../../src/runtime/ports.ts';
import type { Detector } from '../../src/services/detectorStore.ts';
import type { EnginePorts } from '../../src/services/enginePorts.ts';
import type { Watch } from '../../src/services/progress.ts';
import { resolveTeacher } from '../../src/services/teacherStore.ts';
import { trainDetector } from '../../src/services/trainDetector.ts';

const root = path.resolve(import.meta.dirname, '../..');
const cache = path.join(root, '.cache/bench-detect');

export const threads = 2;
export const ports = enginePorts({ executionProvider: 'cpu', threads });

/** The demo set with as many normal images as the memory is measured on; drawn once. @returns the category's folder */
export async function demoSet(normals: number): Promise<string> {
  const folder = path.join(cache, `demo-${normals}`);
  const done = path.join(folder, 'done');
  if (!existsSync(done)) {
    await makeDemo(folder, { train: normals, testGood: 1, perDefect: 1 });
    await ports.files.write(done, '');
  }
  return path.join(folder, 'flange');
}

const normalImages = (demo: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => path.join(demo, 'train/good', `${String(i).padStart(3, '0')}.jpg`));

/** Trains on `count` of the demo's normal images: instant, or a student of so many steps. @param how what it runs on, and who is told */
export async function trainOn(
  demo: string,
  count: number,
  steps: number,
  out: string,
  how: { readonly ports?: EnginePorts } & Pick<Watch, 'onProgress'> = {},
): Promise<Detector> {
  const { ports: given = ports, ...told } = how;
  const { detector } = await trainDetector(
    {
      images: normalImages(demo, count),
      source: demo,
      out,
      name: 'flange',
      teacher: await resolveTeacher('efficientnet-lite0', { shipped: path.join(root, 'models'), user: '' }, ports),
      config: { ...defaultConfig, ...(steps > 0 && { student: { ...defaultStudent, steps } }) },
      seed: 1,
      falseAlarmRate: 0.05,
      createdAt: new Date().toISOString(),
    },
    given,
    { clock: () => performance.now(), ...told },
  );
  return detector;
}

/** 5 × 4 demo images side by side: 1600 × 1280, as detailed as a photograph of that size. */
export async function twoMegapixels(demo: string, file: string): Promise<string> {
  const [columns, side] = [5, 320];
  await sharp({ create: { width: 5 * side, height: 4 * side, channels: 3, background: '#000' } })
    .composite(
      normalImages(demo, 20).map((input, at) => ({
        input,
        left: side * (at % columns),
        top: side * Math.floor(at / columns),
      })),
    )
    .jpeg({ quality: 93, chromaSubsampling: '4:4:4' })
    .toFile(file);
  return file;
}
