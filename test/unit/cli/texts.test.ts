import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvText } from '../../../src/cli/evaluate.ts';
import { outputNames } from '../../../src/cli/outputNames.ts';
import { imagesToCalibrate } from '../../../src/cli/report.ts';
import { detectorName } from '../../../src/cli/train.ts';

test('results of different images never share a name', () => {
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [
      ['a.png', 'd/b.jpg'],
      ['a', 'b'],
    ],
    [
      ['good/0.png', 'dent/0.png'],
      ['good-0', 'dent-0'],
    ],
    [
      ['x/a.png', 'x/A.jpg'],
      ['x-a', 'x-A-2'],
    ],
    [
      ['x/a.png', 'x/a.png', 'x/a.png'],
      ['x-a', 'x-a-2', 'x-a-3'],
    ],
    [
      ['x/a.png', 'y/a.png', 'x-a.png'],
      ['x-a', 'y-a', 'x-a-2'],
    ],
    [
      ['a.heatmap.png', 'a.png'],
      ['a.heatmap', 'a'],
    ],
  ];
  for (const [images, names] of cases) assert.deepEqual(outputNames(images), names);
});

test('a detector is named after the product', () => {
  const cases = {
    '/d/screw': 'screw',
    '/d/screw/': 'screw',
    '/d/screw/train/good': 'screw',
    '/d/bolts/images': 'bolts',
  };
  for (const [folder, name] of Object.entries(cases)) assert.equal(detectorName(folder), name);
});

test('how many normal images a promise takes', () => {
  assert.equal(imagesToCalibrate(19, 'own entries left out'), 19);
  assert.equal(imagesToCalibrate(19, 'held-out'), 124);
  assert.equal(imagesToCalibrate(199, 'own entries left out'), imagesToCalibrate(199, 'held-out'));
});

test('CSV quotes what needs it', () => {
  const scores = [{ path: 'a,"b".png', label: 'normal', score: 0.5 } as const];
  const at = { threshold: 0.4 } as Parameters<typeof csvText>[0]['atThreshold'];
  assert.equal(
    csvText({ scores, atThreshold: at }),
    'path,label,defect,score,verdict\r\n"a,""b"".png",normal,,0.5,anomalous\r\n',
  );
});
