import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectRows } from '../../../../../src/webview/datasetView/grid/selection.ts';
import { labelling } from '../../../../../src/webview/datasetView/labels/labelling.ts';
import { deriver, initialUi } from '../../../../../src/webview/datasetView/shown.ts';
import { Screen } from '../../../../../src/webview/ui/screen.ts';
import { inspectionOf, stateOf } from '../support.ts';

// A page without translations.
Object.assign(globalThis, { document: { getElementById: () => null }, cancelAnimationFrame: () => undefined });

const inspection = inspectionOf([
  { path: 'a', score: 2 },
  { path: 'b', score: 0.5 },
  { path: 'c', score: NaN },
]);
const state = stateOf(inspection);

/** The threshold is 1. @param rows that are selected */
function given(rows: readonly number[], advance = true) {
  const seen = { labelled: [] as unknown[], said: [] as string[], picked: 0, places: [] as number[] };
  const ui = { ...initialUi, selection: selectRows(rows), advance };
  const { command } = labelling({
    screen: new Screen({ state, ui }, deriver(), () => undefined),
    host: { label: async (request) => void seen.labelled.push(request) },
    status: {
      say: (text) => void seen.said.push(text),
      tell: (request) => request.catch((error: Error) => void seen.said.push(error.message)),
    },
    pickType: () => void seen.picked++,
    goTo: (place) => void seen.places.push(place),
  });
  return { seen, command };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('one image is labelled, and the next one is gone to before the host answers', async () => {
  const { seen, command } = given([0]);
  command({ do: 'label', label: 'normal' });
  assert.deepEqual([seen.places, seen.said], [[1], []]);
  await settled();
  assert.deepEqual(seen.labelled, [{ images: ['a'], label: 'normal' }]);
  assert.deepEqual(seen.said, ['a: Normal']);
});

test('several images are labelled where they are; so is one, where nobody wants to go on', async () => {
  for (const { seen, command } of [given([0, 1]), given([0], false)]) {
    command({ do: 'label', label: 'unsure' });
    await settled();
    assert.deepEqual([seen.places, seen.labelled.length], [[], 1]);
  }
});

test('only images whose verdict is wrong then are corrected', async () => {
  const { seen, command } = given([0, 1, 2]);
  command({ do: 'falseAlarm' });
  command({ do: 'missed' });
  await settled();
  assert.deepEqual(seen.labelled, [
    { images: ['a'], label: 'normal' },
    { images: ['b'], label: 'anomalous' },
  ]);
});

test('what can not be done is said', async () => {
  const [none, normal] = [given([]), given([1])];
  none.command({ do: 'clear' });
  normal.command({ do: 'falseAlarm' });
  await settled();
  assert.deepEqual([none.seen.labelled, none.seen.said.length], [[], 1]);
  assert.match(normal.seen.said[0]!, /only an anomalous verdict/);
});

test('a defect type is asked for, alone or after the label', async () => {
  const { seen, command } = given([1]);
  command({ do: 'pickType' });
  command({ do: 'label', label: 'anomalous', pickType: true });
  await settled();
  assert.deepEqual([seen.picked, seen.labelled.length], [2, 1]);
});
