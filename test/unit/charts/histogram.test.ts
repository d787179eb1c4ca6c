import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOf, histogramOf, type Histogram } from '../../../src/charts/histogram.ts';
import { knownLabels } from '../../../src/dataset/labels.ts';

const frame = { left: 0, right: 480, top: 0, floor: 100 };

interface Image {
  readonly score: number;
  readonly label?: (typeof knownLabels)[number];
  readonly trained?: boolean;
}

const histogram = (images: readonly Image[], top = 1): Histogram =>
  histogramOf(
    {
      score: Float32Array.from(images, ({ score }) => score),
      trained: Uint8Array.from(images, ({ trained }) => +(trained ?? false)),
    },
    { label: Uint8Array.from(images, ({ label }) => knownLabels.indexOf(label ?? 'unknown')) },
    top,
    frame,
  );

const filled = ({ bins }: Histogram) =>
  bins
    .filter(({ counts }) => counts.normal + counts.anomalous + counts.other > 0)
    .map(({ counts }) => [counts.normal, counts.anomalous, counts.other]);

test('bars by label; what does not count is in none', () => {
  const drawn = histogram([
    { score: 0.1, label: 'normal' },
    { score: 0.3, label: 'normal', trained: true },
    { score: 0.9, label: 'anomalous' },
    { score: 1, label: 'unsure' },
    { score: 0.5, label: 'excluded' },
    { score: NaN },
  ]);
  assert.deepEqual(filled(drawn), [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
  assert.equal(drawn.tallest, 1);
});

test('the span holds every score that counts and the threshold', () => {
  const { low, high } = histogram([{ score: 0.1 }, { score: 0.9 }], 1.5).span;
  assert.ok(low <= 0 && high > 1.5);
  const trained = histogram([{ score: -2 }, { score: 7 }, { score: 9, trained: true }]).span;
  assert.ok(trained.low <= -2 && trained.high > 7 && trained.high < 9);
  assert.ok(histogram([{ score: NaN }]).span.high > 1);
  assert.ok(histogram([{ score: 0 }, { score: 0 }], 0).span.high > 0);
});

test('a few scores far out are gathered in the last bin, and said', () => {
  const drawn = histogram([...Array.from({ length: 40 }, (_, i) => ({ score: i / 40 })), { score: 50 }]);
  assert.equal(drawn.span.most, 50);
  assert.ok(drawn.span.high < 3);
  assert.equal(drawn.bins.at(-1)!.counts.other, 1);
  assert.equal(drawn.x(50), frame.right);
  const many = histogram([
    ...Array.from({ length: 40 }, (_, i) => ({ score: i / 40 })),
    ...Array(20).fill({ score: 50 }),
  ]);
  assert.ok(many.span.high > 50, 'but not where they are many');
});

test('bars of one bin stand on each other, normal images below', () => {
  const drawn = histogram([
    { score: 0.2, label: 'normal' },
    { score: 0.2, label: 'normal' },
    { score: 0.2, label: 'anomalous' },
    { score: 2, label: 'anomalous' },
    { score: 1 },
  ]);
  const bars = barsOf(drawn, frame);
  assert.equal(bars.length, 4);
  const [lower, upper] = bars.filter(({ bin }) => bin.low <= 0.2 && bin.high > 0.2);
  assert.deepEqual([lower!.label, upper!.label], ['normal', 'anomalous']);
  assert.equal(lower!.y + lower!.height, frame.floor);
  assert.ok(Math.abs(upper!.y + upper!.height - lower!.y) < 1e-9);
  assert.ok(Math.abs(upper!.y - frame.top) < 1e-9, 'the tallest bin fills the frame');
});
