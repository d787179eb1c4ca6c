import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noRules } from '../../../../src/verdict/rules.ts';
import { regionChoice } from '../../../../src/webview/anomalyView/regionChoice.ts';
import { shownOf, type Model, type Place } from '../../../../src/webview/anomalyView/shown.ts';
import type { Part } from '../../../../src/webview/anomalyView/image/viewport.ts';
import { Screen } from '../../../../src/webview/ui/screen.ts';

// A page without translations.
Object.assign(globalThis, { document: { getElementById: () => null }, cancelAnimationFrame: () => undefined });

/** Positions of 10 × 10 pixels; peaks of 9, 5 and 3, the latter two joined at 1.5. */
const anomalyGrid = {
  width: 4,
  height: 4,
  data: Float32Array.from([0, 0, 0, 0, 5, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 9]),
};
const detection = {
  original: { width: 40, height: 40 },
  anomalyGrid,
  score: 9,
  stages: [],
  detector: { input: { width: 4, height: 4 } },
};
const model = {
  state: {
    phase: { kind: 'done' },
    settings: { range: 'threshold' },
    detection,
    rules: noRules,
    thresholds: { image: { value: 1 }, pixel: { value: 2.5 } },
  },
  draft: {},
  mapShown: true,
} as unknown as Model;

function given() {
  const screen = new Screen(model, shownOf, () => undefined);
  const [framed, probed, said]: [Part[], Place[], string[]] = [[], [], []];
  const choice = regionChoice({
    screen,
    frame: (part) => void framed.push(part),
    probe: (place) => void probed.push(place),
    say: (text) => void said.push(text),
  });
  return { screen, framed, probed, said, choice };
}

test('the regions follow the pixel threshold; a chosen one stays, unless a hotter one swallows it', () => {
  const { screen, choice } = given();
  const peaks = () => screen.shown.judged!.regions.map(({ peak }) => peak);
  assert.deepEqual(peaks(), [9, 5, 3]);
  choice.choose(screen.shown.judged!.regions[1]!);
  assert.equal(screen.shown.region?.peak, 5);
  screen.change({ draft: { pixel: 1.5 } });
  assert.deepEqual([peaks(), screen.shown.region?.peak], [[9, 5], 5]);
  screen.change({ draft: {} });
  choice.choose(screen.shown.judged!.regions[2]!);
  screen.change({ draft: { pixel: 1.5 } });
  assert.equal(screen.shown.region, undefined);
  screen.change({ draft: { pixel: 10 } });
  assert.deepEqual(peaks(), []);
});

test('a rule makes an image anomalous that its score does not, as long as the regions break it', () => {
  const { screen } = given();
  const rules = { ...noRules, mostRegions: 2 };
  screen.change({ state: { ...screen.state.state, detection: { ...detection, score: 0.5 } as never, rules } });
  assert.deepEqual(screen.shown.judged!.breaches, [{ rule: 'regions', value: 3, limit: 2 }]);
  assert.equal(screen.shown.judged!.anomalous, true);
  screen.change({ draft: { pixel: 1.5 } });
  assert.equal(screen.shown.judged!.anomalous, false);
});

test('a chosen region is zoomed to, asked about at its peak, and said', () => {
  const { screen, framed, probed, said, choice } = given();
  const [first] = screen.shown.judged!.regions;
  choice.choose(first!);
  assert.deepEqual([framed, probed], [[first!.box], [{ x: 0.875, y: 0.875 }]]);
  assert.match(said[0]!, /^Region 1: \d+ px², peak 9\.00$/);
});

test('steps go round in both directions; without a region they say so', () => {
  const { screen, said, choice } = given();
  const at = () => screen.shown.region?.peak;
  choice.step(-1);
  assert.equal(at(), 3);
  choice.step(1);
  assert.equal(at(), 9);
  choice.step(1);
  assert.equal(at(), 5);
  screen.change({ draft: { pixel: 10 } });
  choice.step(1);
  assert.match(said.at(-1)!, /^No region/);
});
