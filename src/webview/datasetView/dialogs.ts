import { h } from '../lib/dom.ts';
import { t } from '../lib/l10n.ts';
import { button, textfield } from './controls.ts';
import { labelKeys } from './keys.ts';
import { commandName, keyName } from './selectionBar.ts';

/** Every key of the view. */
export function helpOverlay() {
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
      t(
        'False positive means normal after all, Missed means anomalous after all; both look only at selected images whose verdict is wrong then.',
      ),
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

/** Asks for a defect type: one that is known, or a new one. */
export function defectPicker(onPick: (defectType: string | undefined) => void) {
  const list = h('ul', { attrs: { role: 'listbox', 'aria-label': t('Defect types') } });
  const input = textfield(t('Defect type'), 'defectType', t('Type a name or choose one'), () => draw());
  let types: readonly string[] = [];
  let at = -1;
  const element = h(
    'dialog',
    { className: 'picker-dialog', data: { testid: 'defectPicker' }, attrs: { 'aria-label': t('Defect type') } },
    input,
    list,
    h('p', { className: 'note' }, t('Enter takes it, Escape leaves the defect type as it is.')),
  );
  const matching = () => types.filter((type) => type.toLowerCase().includes(input.value.trim().toLowerCase()));
  const done = (type: string | undefined) => {
    element.close();
    onPick(type);
  };
  function draw(): void {
    const found = matching();
    at = Math.min(at, found.length - 1);
    list.replaceChildren(
      ...found.map((type, i) =>
        h(
          'li',
          { attrs: { role: 'option', 'aria-selected': String(i === at) }, on: { click: () => done(type) } },
          type,
        ),
      ),
    );
    list.hidden = found.length === 0;
  }
  element.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      at = Math.max(-1, Math.min(matching().length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)));
      draw();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const typed = input.value.trim();
      done(at >= 0 ? matching()[at] : typed || undefined);
    }
  });
  return {
    element,
    open(known: readonly string[]): void {
      types = known;
      at = -1;
      input.value = '';
      draw();
      element.showModal();
      input.focus();
    },
  };
}
