/**
 * Detections of IMAGES with DETECTOR, one after the other, from the file to score and map; prints
 * JSON: the milliseconds of each. The first, which is warmed up by, isn't counted.
 */
import { detect } from '../../src/services/detect/detect.ts';
import { loadDetector } from '../../src/services/detect/detectorStore.ts';
import { datasetUse, openDetector } from '../../src/services/detect/openDetector.ts';
import { ports } from './subject.ts';

const [detector, ...images] = process.argv.slice(2) as [string, string, ...string[]];
const loaded = await openDetector(await loadDetector(detector, ports), ports, datasetUse);
const ms: number[] = [];
for (const image of images) {
  const start = performance.now();
  await detect(image, loaded, ports);
  ms.push(performance.now() - start);
}
await loaded.session.release();
console.log(JSON.stringify({ ms: ms.slice(1) }));
