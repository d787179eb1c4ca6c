import '../useFakeVscode.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';

const { defectItems } = await import('../../../../src/extension/features/anomalyView/pickDefectType.ts');

const cases: [string, readonly string[], string, string | null, (string | null)[]][] = [
  ['nothing is known', [], '', null, []],
  ['a first name', [], ' crack ', null, ['crack']],
  ['what is known', ['crack', 'dent'], '', null, ['crack', 'dent']],
  ['a new name stands first', ['crack'], 'cra', null, ['cra', 'crack']],
  ['a known name is no new one', ['crack'], 'crack', null, ['crack']],
  ['a type can be taken back', ['crack'], '', 'crack', ['crack', null]],
];
for (const [what, known, typed, current, expected] of cases)
  test(`defect types to choose from: ${what}`, () =>
    assert.deepEqual(
      defectItems(known, typed, current).map(({ defectType }) => defectType),
      expected,
    ));
