import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { maskAt, packMask } from '../../../../src/dataset/maskRuns.ts';
import { enlarge } from '../../../../src/maps/enlarge.ts';
import { rankedAuroc } from '../../../../src/metrics/auroc.ts';
import { rankedAveragePrecision } from '../../../../src/metrics/averagePrecision.ts';
import { rank } from '../../../../src/metrics/ranking.ts';
import { inspectionDisk } from '../../../../src/runtime/store/inspectionDisk.ts';
import { umap } from '../../../../src/runtime/umap.ts';
import { detect } from '../../../../src/services/detect/detect.ts';
import { openDetector } from '../../../../src/services/detect/openDetector.ts';
import { evaluate, metricSide } from '../../../../src/services/evaluate/evaluate.ts';
import { Inspections } from '../../../../src/services/inspect/inspections.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import { drawCloth, drawMask, drawNormals, drawnSide, instant, ports, request, scratch, watch } from '../support.ts';

const root = scratch();
const set = `${root}/set`;
const normals = await drawNormals(`${set}/train/good`, 8);
await drawNormals(`${set}/test/good`, 3, 50);
/** The region of interest ends at x = 43; the second blot lies beyond, the third on its border. */
const blots = [
  { x: 20, y: 30, radius: 8 },
  { x: 65, y: 30, radius: 8 },
  { x: 43, y: 50, radius: 9 },
];
for (const [i, blot] of blots.entries()) {
  await drawCloth(`${set}/test/blot/${i}.png`, 90 + i, blot);
  await drawMask(`${set}/ground_truth/blot/${i}_mask.png`, blot);
}
const region = packMask(
  drawnSide,
  drawnSide,
  Uint8Array.from({ length: drawnSide ** 2 }, (_, at) => +(at % drawnSide < 43)),
);
const config = { ...instant, roi: { ...region, runs: [...region.runs] } };
const { detector } = await trainDetector(
  request({ images: normals, out: `${root}/half.nferd`, config, source: set }),
  ports,
  watch,
);
const loaded = await openDetector(detector, ports);
after(() => loaded.session.release());

test('pixels outside the region of interest are in no pixel metric', async () => {
  const said = await evaluate(set, loaded, 1, ports, watch);
  const side = { width: metricSide, height: metricSide };
  const looked = maskAt(region, side);
  const [scores, labels]: [number[], number[]] = [[], []];
  for (const { path } of said.scores) {
    const { anomalyGrid } = await detect(`${set}/${path}`, loaded, ports);
    const map = enlarge(anomalyGrid, metricSide).data;
    const [, blot] = /blot\/(\d)/.exec(path) ?? [];
    const mask =
      blot === undefined
        ? new Uint8Array(map.length)
        : (await ports.images.readMask(`${set}/ground_truth/blot/${blot}_mask.png`, side)).data;
    looked.forEach((counts, at) => {
      if (counts === 0) return;
      scores.push(map[at]!);
      labels.push(mask[at]!);
    });
  }
  const ranking = rank(Float32Array.from(scores), Uint8Array.from(labels));
  assert.ok(Math.abs(said.pixelAuroc! - rankedAuroc(ranking)) < 1e-6);
  assert.ok(Math.abs(said.pixelAp! - rankedAveragePrecision(ranking)) < 1e-6);
  assert.ok(said.pixelAuroc! > 0.9 && said.aupro! > 0.6, `${said.pixelAuroc}, ${said.aupro}`);
  assert.match(said.notes.join('\n'), /^1 anomalous images have no defect in the region of interest/m);
});

test('an inspection measures the same', async () => {
  const inspections = new Inspections(() => ({ ...ports, disk: inspectionDisk, layOut: umap }));
  const key = { folder: set, detector: detector.folder };
  const { inspection } = await inspections.inspect(key, watch);
  const said = await evaluate(set, loaded, 1, ports, watch);
  const { imageAuroc, pixelAuroc, aupro, pixelAp } = await inspections.metrics(key);
  assert.deepEqual(
    [imageAuroc, pixelAuroc, aupro, pixelAp],
    [said.imageAuroc, said.pixelAuroc, said.aupro, said.pixelAp],
  );
  assert.deepEqual(inspection.detector.roi, config.roi);
  const scores = new Map(inspection.rows.paths.map((path, row) => [path, inspection.rows.score[row]!]));
  const normal = Math.max(...[0, 1, 2].map((i) => scores.get(`test/good/00${i}.png`)!));
  assert.ok(scores.get('test/blot/0.png')! > 1.5 * normal);
  inspections.close();
});
