import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correct } from '../../../../../src/webview/anomalyView/panels/correction.ts';
import type { Correction } from '../../../../../src/webview/ui/corrections.ts';

// A page without translations.
Object.assign(globalThis, { document: { getElementById: () => null } });

const cases: [Correction, boolean | undefined, ReturnType<typeof correct>][] = [
  ['falseAlarm', true, { label: 'normal' }],
  ['missed', false, { label: 'anomalous' }],
  ['falseAlarm', false, { refusal: 'Not flagged: only an anomalous verdict can be a false positive.' }],
  ['missed', true, { refusal: 'Flagged already: only a normal verdict can be a miss.' }],
  ['falseAlarm', undefined, { refusal: 'There is no verdict to correct.' }],
  ['missed', undefined, { refusal: 'There is no verdict to correct.' }],
];
for (const [what, anomalous, expected] of cases) {
  const verdict = anomalous === undefined ? 'no verdict' : anomalous ? 'an anomalous verdict' : 'a normal verdict';
  test(`${what} of ${verdict}`, () => assert.deepEqual(correct(what, anomalous), expected));
}
