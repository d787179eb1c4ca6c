import path from 'node:path';
import sharp from 'sharp';
import { defaultConfig, defaultStudent } from '../../src/nferd/config.ts';
import { enginePorts } from '../../src/runtime/ports.ts';
import type { Detector } from '../../src/services/detect/detectorStore.ts';
import type { Watch } from '../../src/services/ports/progress.ts';
import { resolveTeacher } from '../../src/services/teacher/teacherStore.ts';
import { trainDetector } from '../../src/services/train/trainDetector.ts';

const root = path.resolve(import.meta.dirname, '../..');

export const threads = 2;
export const ports = enginePorts({ executionProvider: 'cpu', threads });

const normalImages = (demo: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => path.join(demo, 'train/good', `${String(i).padStart(3, '0')}.jpg`));

/**
 * Trains on `count` of the demo's normal images: instant, or a student of so many steps.
 * @param told who is told
 */
export async function trainOn(
  demo: string,
  count: number,
  steps: number,
  out: string,
  told: Pick<Watch, 'onProgress'> = {},
): Promise<Detector> {
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
    ports,
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
