/**
 * The detector's session alone, on ready inputs from FOLDER, for SECONDS each: images a second one
 * run after the other, of BATCH images, and with runs of one image side by side as an inspection
 * has them. Prints JSON.
 */
import { inputShape } from '../../src/nferd/config.ts';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { datasetUse, openDetector } from '../../src/services/detect/openDetector.ts';
import { loadDetector } from '../../src/services/detect/detectorStore.ts';
import { imageInput } from '../../src/services/detect/imageInput.ts';
import { ports } from './subject.ts';

const [folder, detector, batchText, secondsText] = process.argv.slice(2) as [string, string, string, string];
const [batch, seconds] = [Number(batchText), Number(secondsText)];
const detected = await loadDetector(detector, ports);
const size = inputShape(detected.record.config);
const names = readdirSync(folder)
  .filter((name) => !name.startsWith('.'))
  .slice(0, 8 * batch);
const images = await Promise.all(names.map((name) => ports.images.readImage(path.join(folder, name), size)));
// As an inspection has it.
const outputs = ['score', 'peak', 'anomaly_grid', 'embedding'];

async function imagesPerSecond(sideBySide: boolean, batch: number): Promise<number> {
  const { session } = await openDetector(detected, ports, { ...datasetUse, sideBySide });
  const inputs = Array.from({ length: Math.floor(images.length / batch) }, (_, i) =>
    imageInput(images.slice(i * batch, (i + 1) * batch)),
  );
  let next = 0;
  const run = () => session.run({ image: inputs[next++ % inputs.length]! }, outputs);
  for (let i = 0; i < 4; i++) await run();
  const start = performance.now();
  let done = 0;
  const goOn = async (): Promise<void> => {
    while (performance.now() - start < 1000 * seconds) {
      await run();
      done += batch;
    }
  };
  await Promise.all(Array.from({ length: session.atOnce }, goOn));
  const speed = (1000 * done) / (performance.now() - start);
  await session.release();
  return speed;
}

console.log(
  JSON.stringify({ imagesPerSecond: await imagesPerSecond(false, batch), sideBySide: await imagesPerSecond(true, 1) }),
);
