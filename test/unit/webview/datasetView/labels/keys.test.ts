import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  labelCommand,
  viewCommand,
  type Key,
  type LabelCommand,
} from '../../../../../src/webview/datasetView/labels/keys.ts';

const key = (name: string, held: Partial<Key> = {}): Key => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

const labelling: [Key, LabelCommand | undefined][] = [
  [key('1'), { do: 'label', label: 'normal' }],
  [key('N', { shiftKey: true }), { do: 'label', label: 'normal' }],
  [key('a'), { do: 'label', label: 'anomalous' }],
  [key('A', { shiftKey: true }), { do: 'label', label: 'anomalous', pickType: true }],
  [key('u'), { do: 'label', label: 'unsure' }],
  [key('4'), { do: 'label', label: 'excluded' }],
  [key('f'), { do: 'falseAlarm' }],
  [key('m'), { do: 'missed' }],
  [key('Backspace'), { do: 'clear' }],
  [key('t'), { do: 'pickType' }],
  [key('a', { ctrlKey: true }), undefined],
  [key('q'), undefined],
];
for (const [pressed, expected] of labelling) {
  test(`${JSON.stringify(pressed)}`, () => assert.deepEqual(labelCommand(pressed), expected));
}

const everywhere: [Key, ReturnType<typeof viewCommand>][] = [
  [key('z', { ctrlKey: true }), 'undo'],
  [key('z', { metaKey: true }), 'undo'],
  [key('Z', { ctrlKey: true, shiftKey: true }), 'redo'],
  [key('y', { ctrlKey: true }), 'redo'],
  [key('a', { ctrlKey: true }), 'all'],
  [key('?', { shiftKey: true }), 'help'],
  [key('z'), undefined],
];
for (const [pressed, expected] of everywhere) {
  test(`${JSON.stringify(pressed)} everywhere`, () => assert.equal(viewCommand(pressed), expected));
}
