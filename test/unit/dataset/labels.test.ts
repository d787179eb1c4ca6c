import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LabelLine, nextLine, type LabelChange } from '../../../src/dataset/labels.ts';

type Said = Omit<LabelLine, 'image' | 'at'>;
const crack: Said = { label: 'anomalous', defectType: 'crack', mask: 'm.png' };
const cases: [string, Said | undefined, Omit<LabelChange, 'image' | 'at'>, Said][] = [
  ['a first label', undefined, { label: 'normal' }, { label: 'normal' }],
  ['nothing', undefined, {}, { label: null }],
  ['normal keeps the mask', crack, { label: 'normal' }, { label: 'normal', mask: 'm.png' }],
  ['a label taken back keeps the mask', crack, { label: null }, { label: null, mask: 'm.png' }],
  ['the same label keeps all', crack, { label: 'anomalous' }, crack],
  ['another type', crack, { label: 'anomalous', defectType: 'dent' }, { ...crack, defectType: 'dent' }],
  ['the type taken back', crack, { defectType: null }, { label: 'anomalous', mask: 'm.png' }],
  ['a mask alone keeps label and type', crack, { mask: 'n.png' }, { ...crack, mask: 'n.png' }],
  ['the mask taken back', crack, { mask: null }, { label: 'anomalous', defectType: 'crack' }],
  [
    'a kept mask is there again',
    { label: 'normal', mask: 'm.png' },
    { label: 'anomalous' },
    { label: 'anomalous', mask: 'm.png' },
  ],
  ['no type but of anomalous ones', undefined, { label: 'unsure', defectType: 'dent' }, { label: 'unsure' }],
];
for (const [what, said, change, expected] of cases)
  test(`next line: ${what}`, () => {
    const previous = said && { image: 'a.png', at: 'before', ...said };
    assert.deepEqual(nextLine(previous, { image: 'a.png', at: 'now', ...change }), {
      image: 'a.png',
      at: 'now',
      ...expected,
    });
  });
