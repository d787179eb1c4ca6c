/**
 * Does the false-alarm rate that training promises hold? The normal images of a set are dealt into
 * folds; each fold is judged, at the shipped threshold, by a detector trained on the others by
 * default settings. So each image is judged once, by a detector that never saw it.
 *
 * npm run bench:promise -- [--data a,b] [--folds 3] [--seed 1] [--false-alarm-rate 0.05]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createRng } from '../../src/dataset/rng.ts';
import { clopperPearsonInterval } from '../../src/metrics/proportionInterval.ts';
import { defaultConfig } from '../../src/nferd/config.ts';
import { enginePorts } from '../../src/runtime/ports.ts';
import { readDataset } from '../../src/services/dataset/readDataset.ts';
import { detect } from '../../src/services/detect/detect.ts';
import { thresholdsOf } from '../../src/services/detect/detectorStore.ts';
import { openDetector } from '../../src/services/detect/openDetector.ts';
import { resolveTeacher } from '../../src/services/teacher/teacherStore.ts';
import { fitInput } from '../../src/services/train/fitInput.ts';
import { trainDetector } from '../../src/services/train/trainDetector.ts';
import { isAnomalous } from '../../src/verdict/thresholds.ts';
import { fixed, machine, writeReport } from '../report.ts';

const root = path.resolve(import.meta.dirname, '../..');
const data = path.resolve(root, '../shared/data');
const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: 'magnetic_tile,mvtec_screw,kolektorsdd,cookie,elpv_mono' },
    folds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    'false-alarm-rate': { type: 'string', default: '0.05' },
  },
});
const [folds, seed, rate] = [Number(options.folds), Number(options.seed), Number(options['false-alarm-rate'])];
const ports = enginePorts({ executionProvider: 'cpu', threads: 2 });
const teacher = await resolveTeacher('efficientnet-lite0', { shipped: path.join(root, 'models'), user: '' }, ports);
const scratch = mkdtempSync(path.join(tmpdir(), 'nferd-promise-'));

interface Judged {
  readonly dataset: string;
  readonly images: number;
  readonly alarms: number;
  readonly promised: boolean;
}

/** Alarms among `judged`, by a detector of `fit`. */
async function judge(folder: string, fit: readonly string[], judged: readonly string[]) {
  const { config } = await fitInput(defaultConfig, fit, {}, ports.images);
  const { detector } = await trainDetector(
    {
      ...{ images: fit, source: folder, out: `${scratch}/fold.nferd`, name: 'fold', teacher, config, seed },
      ...{ falseAlarmRate: rate, createdAt: new Date().toISOString() },
    },
    ports,
    { clock: () => performance.now() },
  );
  const { image: threshold, promised } = thresholdsOf(detector.record);
  const loaded = await openDetector(detector, ports);
  let alarms = 0;
  for (const image of judged) alarms += +isAnomalous((await detect(image, loaded, ports)).score, threshold);
  await loaded.session.release();
  return { alarms, promised };
}

async function measure(dataset: string): Promise<Judged> {
  const folder = path.join(data, dataset);
  const normal = (await readDataset(folder, ports)).items.filter(({ label }) => label === 'normal');
  const images = createRng(seed).shuffled(normal.map((item) => `${folder}/${item.path}`));
  const found = { dataset, images: images.length, alarms: 0, promised: true };
  for (let fold = 0; fold < folds; fold++) {
    const { alarms, promised } = await judge(
      folder,
      images.filter((_, at) => at % folds !== fold).sort(),
      images.filter((_, at) => at % folds === fold),
    );
    found.alarms += alarms;
    found.promised &&= promised;
  }
  console.log(JSON.stringify(found));
  return found;
}

const found: Judged[] = [];
for (const dataset of options.data.split(',')) found.push(await measure(dataset));
rmSync(scratch, { recursive: true });
const percent = (share: number): string => `${fixed(100 * share, 1)} %`;
writeReport(
  'promise',
  { machine: machine(`npm run bench:promise -- ${process.argv.slice(2).join(' ')}`.trim()), ...{ rate, folds, found } },
  '# Does the promised false-alarm rate hold?\n\n' +
    `Each normal image is judged once, by a detector trained on the other folds (${folds}, seed ${seed}) by\n` +
    `default settings, at the threshold that ships: at most ${percent(rate)} of new normal images.`,
  [
    ['set', 'normal images', 'false alarms', 'rate', '95 % interval', 'promised'],
    ...found.map(({ dataset, images, alarms, promised }): [string, ...string[]] => {
      const { low, high } = clopperPearsonInterval(alarms, images);
      const interval = `${percent(low)} to ${percent(high)}`;
      return [dataset, `${images}`, `${alarms}`, percent(alarms / images), interval, promised ? 'yes' : 'no'];
    }),
  ],
);
