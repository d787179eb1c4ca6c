import assert from 'node:assert/strict';
import { test } from 'node:test';

// By its address: it is plain JavaScript, which the compiler has no types for.
const { findTexts } = (await import(new URL('../../../scripts/l10n.mjs', import.meta.url).href)) as {
  findTexts(): { texts: string[]; elsewhere: string[] };
};
const { texts, elsewhere } = findTexts();

const shown: [string, string][] = [
  ['of a command', 'There is no detector yet. Train one on the {0} images in "{1}"?'],
  ['of a setting that is refused', 'a number from {0} to {1}, or null'],
  ['of a view', 'Detecting anomalies…'],
  ["the engine's name of a phase", 'Building normal feature banks'],
];
for (const [what, text] of shown) {
  test(`a text ${what} can be translated`, () => assert.ok(texts.includes(text)));
}

test('the places of a text are numbered from 0 on', () => {
  for (const text of texts) {
    const places = [...new Set([...text.matchAll(/\{(\w*)\}/g)].map(([, place]) => place))].sort();
    assert.deepEqual(places, Object.keys(places), text);
  }
});

test('the extension translates no text that the export misses', () => {
  const known = [/^src\/extension\/config\.ts: t\(fault\.text/, /progressText\.ts: t\(english\)/];
  const missed = elsewhere.filter((call) => call.startsWith('src/extension') && !known.some((each) => each.test(call)));
  assert.deepEqual(missed, []);
});
