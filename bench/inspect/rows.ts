/**
 * How fast 100,000 stored rows are: writes COUNT generated ones for the empty files of a folder,
 * reads them. Prints JSON.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRng } from '../../src/dataset/rng.ts';
import { Inspections } from '../../src/services/inspect/inspections.ts';
import { loadDetector, summaryOf } from '../../src/services/detect/detectorStore.ts';
import { median } from '../report.ts';
import { ports } from './subject.ts';

const [folder, detector, countText] = process.argv.slice(2) as [string, string, string];
const count = Number(countText);
const clocked = async <T>(step: () => Promise<T> | T): Promise<readonly [T, number]> => {
  const start = performance.now();
  return [await step(), performance.now() - start];
};

const rng = createRng(1);
const { version } = summaryOf(await loadDetector(detector, ports));
const store = ports.disk.openStore(folder);
const thumbnail = new Uint8Array(4000).map(() => rng.integer(256));
const grid = Float32Array.from({ length: 64 * 64 }, () => rng.uniform());
const pathOf = (i: number): string => `${i % 2 ? 'good' : 'dent'}/${Math.floor(i / 2000)}/${i}.png`;
for (let from = 0; from < count; from += 1000)
  store.write(
    version,
    Array.from({ length: Math.min(1000, count - from) }, (_, i) => {
      const path = pathOf(from + i);
      if ((from + i) % 2000 < 2) mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ''), { recursive: true });
      writeFileSync(`${folder}/${path}`, '');
      const result = { score: rng.uniform(), peak: rng.uniform(), grid };
      return { path, stamp: { size: 0, modifiedMs: 0 }, hash: `${from + i}`.padStart(64, '0'), thumbnail, result };
    }),
  );
store.close();

const inspections = new Inspections(() => ports);
const key = { folder, detector };
const [inspection, firstMs] = await clocked(() => inspections.read(key));
const readMs: number[] = [];
for (let i = 0; i < 3; i++) readMs.push((await clocked(() => inspections.read(key)))[1]);
const thumbnailsMs: number[] = [];
for (let i = 0; i < 20; i++) {
  const at = rng.integer(count - 60);
  const rows = Array.from({ length: 60 }, (_, row) => at + row);
  thumbnailsMs.push((await clocked(() => inspections.thumbnails(key, rows)))[1]);
}
inspections.close();
console.log(
  JSON.stringify({
    rows: inspection.rows.paths.length,
    firstReadMs: firstMs,
    readMs: median(readMs),
    thumbnailsMs: median(thumbnailsMs),
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
  }),
);
