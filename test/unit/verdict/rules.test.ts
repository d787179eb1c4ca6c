import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breachesOf, breachText, needRegions, noRules, type Rules } from '../../../src/verdict/rules.ts';

const quiet = { score: 1, threshold: 2, areas: [100, 30, 4] };
const said = (rules: Partial<Rules>, given: Partial<typeof quiet> = {}): string[] =>
  breachesOf({ ...quiet, ...given }, { ...noRules, ...rules }).map(breachText);

test('without rules the score alone speaks; on the threshold an image is normal', () => {
  assert.deepEqual(said({}), []);
  assert.deepEqual(said({}, { score: 2 }), []);
  assert.deepEqual(said({}, { score: 2.5 }), ['score 2.5 above 2']);
  assert.equal(needRegions(noRules), false);
  assert.throws(() => said({}, { score: NaN }), RangeError);
});

test('more regions than allowed; as many are fine', () => {
  assert.deepEqual(said({ mostRegions: 2 }), ['3 regions, at most 2 allowed']);
  assert.deepEqual(said({ mostRegions: 3 }), []);
  assert.deepEqual(said({ mostRegions: 0 }, { areas: [7] }), ['1 region, at most 0 allowed']);
  assert.deepEqual(said({ mostRegions: 0 }, { areas: [] }), []);
});

test('a larger total area than allowed; as large is fine', () => {
  assert.deepEqual(said({ largestTotalArea: 133.5 }), ['134 px² in all regions, at most 133.5 allowed']);
  assert.deepEqual(said({ largestTotalArea: 134 }), []);
});

test('a region below the smallest area counts for no rule; one of that area does', () => {
  assert.deepEqual(said({ smallestArea: 4, mostRegions: 2 }), ['3 regions, at most 2 allowed']);
  assert.deepEqual(said({ smallestArea: 4.1, mostRegions: 2 }), []);
  assert.deepEqual(said({ smallestArea: 31, largestTotalArea: 100 }), []);
  assert.deepEqual(said({ smallestArea: 1000 }, { score: 3 }), ['score 3 above 2']);
});

test('all that are broken are said, the score first', () => {
  assert.deepEqual(breachesOf({ ...quiet, score: 3 }, { smallestArea: 0, mostRegions: 1, largestTotalArea: 50 }), [
    { rule: 'score', value: 3, limit: 2 },
    { rule: 'regions', value: 3, limit: 1 },
    { rule: 'totalArea', value: 134, limit: 50 },
  ]);
});
