import { button } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';

const groups: readonly (readonly [() => string, readonly (readonly [string, () => string])[]])[] = [
  [
    () => t('Image'),
    [
      ['← → ↑ ↓', () => t('Move the position; with Shift by more')],
      ['Home', () => t('Go to the hottest spot')],
      ['R  Shift+R', () => t('Next and previous region')],
      ['+  −', () => t('Zoom')],
      ['0  1', () => t('Whole image; actual size')],
      ['Space', () => t('Hide or show the map')],
      ['Page Up, Page Down', () => t('Previous and next image')],
    ],
  ],
  [
    () => t('Label'),
    [
      ['N  A  U  X', () => t('Normal, anomalous, unsure, excluded')],
      ['Shift+A', () => t('Anomalous, with a defect type')],
      ['F', () => t('False positive: an image found anomalous is normal')],
      ['M', () => t('Missed: an image found normal is anomalous')],
    ],
  ],
  [
    () => t('Mask'),
    [
      ['K', () => t('Edit the mask, or stop editing it')],
      ['B  E  P', () => t('Brush, eraser, polygon')],
      ['[  ]', () => t('Smaller, larger')],
      ['.', () => t('Use the tool at the position')],
      ['Enter  Esc', () => t('Close the polygon; give it up')],
      ['T', () => t('Add the region above the pixel threshold')],
      ['Ctrl+Z', () => t('Undo; with Shift redo')],
      ['Ctrl+S', () => t('Save the mask')],
      ['Shift+N', () => t('Teach what is marked as normal')],
    ],
  ],
];

/** All keys, in a dialog that `?` opens. */
export function helpDialog() {
  const close = button(t('Close'), { id: 'keys-close' }, () => element.close());
  const element: HTMLDialogElement = h(
    'dialog',
    { className: 'help', data: { testid: 'keys' }, attrs: { 'aria-labelledby': 'keys-title' } },
    h('h2', { id: 'keys-title' }, t('Keys')),
    h(
      'div',
      { className: 'keys' },
      ...groups.map(([title, keys]) =>
        h(
          'section',
          {},
          h('h3', {}, title()),
          h('dl', {}, ...keys.flatMap(([key, text]) => [h('dt', {}, key), h('dd', {}, text())])),
        ),
      ),
    ),
    h('div', { className: 'buttons' }, close),
  );
  return { element, open: () => element.showModal() };
}
