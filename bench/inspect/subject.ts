import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defaultConfig } from '../../src/nferd/config.ts';
import { inspectionDisk } from '../../src/runtime/store/inspectionDisk.ts';
import { enginePorts } from '../../src/runtime/ports.ts';
import { umap } from '../../src/runtime/umap.ts';
import type { InspectPorts } from '../../src/services/ports/inspectPorts.ts';
import { resolveTeacher } from '../../src/services/teacher/teacherStore.ts';
import { trainDetector } from '../../src/services/train/trainDetector.ts';

const root = path.resolve(import.meta.dirname, '../..');

export const threads = 2;
export const ports: InspectPorts = {
  ...enginePorts({ executionProvider: 'cpu', threads }),
  disk: inspectionDisk,
  layOut: umap,
};

/** A set of ../shared/data: its folder, its images, and its first normal ones. */
export function dataSet(
  name: string,
  train: number,
): { readonly folder: string; readonly all: string[]; readonly normals: string[] } {
  const source = path.join(root, '../shared/data', name);
  if (!existsSync(source)) throw new Error(`${source}: missing. Give another data set of ../shared/data with --data.`);
  return { folder: source, all: imagesBelow(source), normals: imagesBelow(path.join(source, 'train')).slice(0, train) };
}

const imagesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(png|jpg|bmp)$/i.test(name) && !name.includes('ground_truth'))
    .sort()
    .map((name) => path.join(folder, name));

/**
 * Copies of `sources`, as many as asked for, no two with the same content: what follows an image's
 * end is not read by decoders.
 */
export function copies(sources: readonly string[], count: number, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const source = sources[i % sources.length]!;
    const name = `${String(i).padStart(6, '0')}${path.extname(source)}`;
    writeFileSync(path.join(folder, name), Buffer.concat([readFileSync(source), Buffer.from(`\n${i}`)]));
  }
}

/** An instant detector of these images; made once. */
export async function detectorOf(images: readonly string[], out: string): Promise<string> {
  if (!existsSync(path.join(out, 'detector.json')))
    await trainDetector(
      {
        images: [...images],
        source: path.dirname(images[0]!),
        out,
        name: 'bench',
        teacher: await resolveTeacher('efficientnet-lite0', { shipped: path.join(root, 'models'), user: '' }, ports),
        config: defaultConfig,
        seed: 1,
        falseAlarmRate: 0.05,
        createdAt: new Date().toISOString(),
      },
      ports,
      { clock: () => performance.now() },
    );
  return out;
}
