import { h } from '../../ui/dom.ts';
import { button } from '../../ui/editorControls.ts';
import { t } from '../../ui/l10n.ts';
import { labelKeys } from './keys.ts';
import { commandName, keyName } from './selectionBar.ts';

/** Every key of the view. */
export function keysHelp() {
  const keys = (names: readonly string[]) => names.flatMap((name, i) => [...(i > 0 ? [' '] : []), h('kbd', {}, name)]);
  const rows: readonly (readonly [readonly string[], string])[] = [
    ...labelKeys.map(({ keys: names, command }) => [names.map(keyName), commandName(command)] as const),
    [['Shift+A'], t('Anomalous, and choose the defect type')],
    [['Ctrl+Z'], t('Undo')],
    [['Ctrl+Shift+Z'], t('Redo')],
    [['←', '→', '↑', '↓'], t('Go to another image; with Shift select on the way')],
    [['Home', 'End', 'PgUp', 'PgDn'], t('First, last, a page up or down')],
    [['Ctrl+A'], t('Select all that is shown')],
    [['Ctrl+Space'], t('Add to or take from the selection')],
    [['Enter'], t('Open in the anomaly view')],
    [['Esc'], t('Select nothing')],
    [['H'], t('Heatmap on or off')],
    [['?'], t('This help')],
  ];
  const element = h(
    'dialog',
    { className: 'help', data: { testid: 'helpOverlay' }, attrs: { 'aria-labelledby': 'help-title' } },
    h('h2', { id: 'help-title' }, t('Keys')),
    h('dl', {}, ...rows.map(([names, text]) => h('div', {}, h('dt', {}, ...keys(names)), h('dd', {}, text)))),
    h(
      'p',
      { className: 'note' },
      [
        t('False positive means normal after all, Missed means anomalous after all.'),
        t('Both look only at selected images whose verdict is wrong then.'),
      ].join(' '),
    ),
    h(
      'div',
      { className: 'buttons' },
      button(t('Close'), { id: 'closeHelp' }, () => element.close()),
    ),
  );
  element.addEventListener('keydown', (event) => {
    if (event.key === '?') element.close();
    event.stopPropagation();
  });
  return { element, toggle: () => (element.open ? element.close() : element.showModal()) };
}
