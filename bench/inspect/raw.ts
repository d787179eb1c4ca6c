/** The detector's session alone: images a second on ready inputs of BATCH images from FOLDER, for SECONDS. Prints JSON. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { openDetector } from '../../src/services/detect.ts';
import { loadDetector } from '../../src/services/detectorStore.ts';
import { imageInput } from '../../src/services/imageInput.ts';
import { ports } from './subject.ts';

const [folder, detector, batchText, secondsText] = process.argv.slice(2) as [string, string, string, string];
const [batch, seconds] = [Number(batchText), Number(secondsText)];
const loaded = await openDetector(await loadDetector(detector, ports), ports);
const size = loaded.detector.record.config.inputSize;
const names = readdirSync(folder)
  .filter((name) => !name.startsWith('.'))
  .slice(0, 8 * batch);
const images = await Promise.all(
  names.map((name) => ports.images.readImage(path.join(folder, name), { width: size, height: size })),
);
const inputs = Array.from({ length: Math.floor(images.length / batch) }, (_, i) =>
  imageInput(images.slice(i * batch, (i + 1) * batch)),
);
// The same outputs as an inspection asks for.
const outputs = ['score', 'anomaly_map', 'anomaly_grid', 'embedding'];
const run = (i: number) => loaded.session.run({ image: inputs[i % inputs.length]! }, outputs);
for (let i = 0; i < 3; i++) await run(i);
const start = performance.now();
let done = 0;
while (performance.now() - start < 1000 * seconds) {
  await run(done / batch);
  done += batch;
}
console.log(JSON.stringify({ imagesPerSecond: (1000 * done) / (performance.now() - start) }));
await loaded.session.release();
