import assert from 'node:assert/strict';
import { test } from 'node:test';
import { borderWeights } from '../../../../src/nferd/anomalyMap.ts';
import { explainedOutputs, openDetector, viewUse } from '../../../../src/services/detect/openDetector.ts';
import { detect, detectWithPicture, neighboursAt } from '../../../../src/services/detect/detect.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import {
  drawCloth,
  drawnSide,
  drawNormals,
  distilled,
  instant,
  ports,
  request,
  scratch,
  side,
  watch,
} from '../support.ts';

const folder = scratch();
const normals = await drawNormals(`${folder}/good`, 6);
const { detector } = await trainDetector(
  request({ images: normals, out: `${folder}/instant`, config: instant }),
  ports,
  watch,
);
const loaded = await openDetector(detector, ports);
const sizeOf = () => ({ width: drawnSide, height: drawnSide });
/** Stage, then image, row, column of each entry. */
const entries = (stage: number): number[][] => {
  const list = detector.record.provenance[stage]!;
  return Array.from({ length: list.length / 3 }, (_, at) => list.slice(3 * at, 3 * at + 3));
};

test('each entry of the banks lies where its provenance says', async () => {
  for (const [source, image] of normals.entries()) {
    const result = await detect(image, loaded, ports);
    for (const [s, stage] of result.neighbours.entries()) {
      const { rows: cells } = stage.stage;
      const own = entries(s).filter(([of]) => of === source);
      const weights = borderWeights(cells, cells, instant.map.borderWeight);
      const data = result.stages[s]!.anomalyMap.data.map((value, at) => value / weights[at]!);
      const least = Math.min(...data);
      for (const [, row, column] of own as [number, number, number][]) {
        const found = neighboursAt(loaded, stage, (column + 0.5) / cells, (row + 0.5) / cells, sizeOf);
        assert.equal(found.length, instant.bank.neighbours);
        const patch = drawnSide / cells;
        const { similarity, ...where } = found[0]!;
        assert.deepEqual(where, { image, left: column * patch, top: row * patch, width: patch, height: patch });
        assert.ok(similarity > 0.9999, `${stage.stage.name}: similarity ${similarity}`);
        // Distance 0 but for rounding: no position is nearer to the bank.
        const excess = data[row * cells + column]! - least;
        assert.ok(excess < 0.05, `${stage.stage.name}: ${excess} of ${Math.max(...data) - least}`);
        assert.ok(found[1]!.similarity < similarity);
      }
    }
  }
  assert.ok(normals.every((_, source) => entries(0).some(([of]) => of === source)));
});

test(
  'with only the explained outputs, score, map and neighbours are the same; banks of weight 0 are ' + 'not read',
  async () => {
    const small = await openDetector(detector, ports, { outputs: explainedOutputs(detector.record.config) });
    const whole = await detect(normals[1]!, loaded, ports);
    const found = await detectWithPicture(normals[1]!, small, ports, () => ({ width: 20, height: 30 }));
    assert.deepEqual([found.score, found.anomalyMap], [whole.score, whole.anomalyMap]);
    const weighted = whole.neighbours.filter(({ stage }) => detector.record.config.map.bankWeights[stage.stage]! > 0);
    assert.deepEqual(found.neighbours, weighted);
    assert.deepEqual([found.stages.length, found.picture.width, found.picture.height], [0, 20, 30]);
    await small.session.release();
  },
);

test('a view is given the stages that have a say in the map, and those alone', async () => {
  const { config } = detector.record;
  const view = await openDetector(detector, ports, viewUse(config));
  const whole = await detect(normals[1]!, loaded, ports);
  const found = await detect(normals[1]!, view, ports);
  assert.deepEqual(
    [found.score, found.anomalyMap, found.anomalyGrid],
    [whole.score, whole.anomalyMap, whole.anomalyGrid],
  );
  const say = whole.neighbours.map(({ stage }) => config.map.bankWeights[stage.stage]! > 0);
  assert.ok(say.includes(true) && say.includes(false));
  assert.deepEqual(
    found.neighbours,
    whole.neighbours.filter((_, at) => say[at]),
  );
  assert.deepEqual(
    found.stages,
    whole.stages.filter((_, at) => say[at]),
  );
  await view.session.release();
});

test('positions outside the image are those of its edge', async () => {
  const result = await detect(normals[0]!, loaded, ports);
  const [stage] = result.neighbours;
  const at = (x: number, y: number) => neighboursAt(loaded, stage!, x, y, sizeOf);
  assert.deepEqual(at(1, 1), at(0.999, 0.999));
  assert.deepEqual(at(-0.2, 1.3), at(0, 0.999));
  assert.notDeepEqual(at(0, 0), at(0.999, 0.999));
});

test('a detection covers the image at every stage', async () => {
  const wide = await drawCloth(`${folder}/wide.png`, 50);
  const { anomalyMap, original, score, stages } = await detect(wide, loaded, ports);
  assert.deepEqual(original, { width: drawnSide, height: drawnSide });
  assert.deepEqual([anomalyMap.width, anomalyMap.height, anomalyMap.data.length], [side, side, side * side]);
  assert.ok(Number.isFinite(score));
  assert.deepEqual(
    stages.map(({ name, stride, anomalyMap: { width, height, data } }) => [name, stride, width, height, data.length]),
    [
      ['64/stride4', 4, 8, 8, 64],
      ['64/stride8', 8, 4, 4, 16],
      ['64/stride16', 16, 4, 4, 16],
      ['32/stride4', 8, 4, 4, 16],
      ['32/stride8', 16, 2, 2, 4],
      ['32/stride16', 32, 2, 2, 4],
    ],
  );
  assert.ok(stages.every((stage) => !stage.spatialAttention && !stage.channelAttention));
});

test('a distilled detection shows the student’s maps and what the fusion attended to', async () => {
  const channels = detector.record.teacher.outputs.map((output) => output.channels);
  const config = { ...distilled, views: [1] };
  const trained = await trainDetector(request({ images: normals, out: `${folder}/full`, config }), ports, watch);
  const one = await openDetector(trained.detector, ports, viewUse(trained.detector.record.config));
  const { stages } = await detect(normals[0]!, one, ports);
  assert.equal(stages.length, 3);
  for (const [s, { anomalyMap, spatialAttention, channelAttention }] of stages.entries()) {
    const cells = 16 >> s;
    for (const map of [anomalyMap, spatialAttention!]) assert.deepEqual([map.width, map.height], [cells, cells]);
    assert.equal(channelAttention!.length, channels[s]);
    for (const value of [...spatialAttention!.data, ...channelAttention!])
      assert.ok(value >= 0 && value <= 1, `stage ${s}: ${value}`);
  }
  await one.session.release();
});
