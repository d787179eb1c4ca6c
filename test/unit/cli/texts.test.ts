import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvText } from '../../../src/cli/evaluate.ts';
import { outputNames } from '../../../src/cli/outputNames.ts';
import { imagesToCalibrate, oddText } from '../../../src/cli/report.ts';
import type { DetectorRecord } from '../../../src/services/detect/detectorStore.ts';

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

test('how many normal images a promise takes', () => {
  assert.equal(imagesToCalibrate(19, 'own entries left out'), 19);
  assert.equal(imagesToCalibrate(19, 'held-out'), 124);
  assert.equal(imagesToCalibrate(199, 'own entries left out'), 199);
});

test('an odd normal image is named, with what to do about it', () => {
  const text = (scores: number[]) => {
    const images = scores.map((_, i) => `/good/${i}.png`);
    const calibration = { scores, peaks: scores, images, method: 'held-out', falseAlarmRate: 0.05 };
    return oddText({ record: { images: [], calibration } as unknown as DetectorRecord });
  };
  const usual = Array.from({ length: 20 }, (_, i) => 1 + i / 20);
  assert.deepEqual(text(usual), []);
  const [one, ...rest] = text([...usual, 6.4321]);
  assert.deepEqual(rest, []);
  assert.match(
    one!,
    new RegExp(
      String.raw`^ {2}look at {10}/good/20\.png: scores 6\.432, far above the other 20 normal images; ` +
        String.raw`without it the image threshold would be 1\.95\. If it is not normal, move it out ` +
        String.raw`and train again; else set nferd\.threshold\.image`,
    ),
  );
  assert.match(
    text([5, ...usual, 6])[0]!,
    /\/21\.png and 1 more: scores 6, .* without them .* If they are not normal, move them out/,
  );
});

test('CSV quotes what needs it', () => {
  const scores = [{ path: 'a,"b".png', label: 'normal', score: 0.5 } as const];
  const at = { threshold: 0.4 } as Parameters<typeof csvText>[0]['atThreshold'];
  assert.equal(
    csvText({ scores, atThreshold: at }),
    'path,label,defect,score,verdict\r\n"a,""b"".png",normal,,0.5,anomalous\r\n',
  );
});
