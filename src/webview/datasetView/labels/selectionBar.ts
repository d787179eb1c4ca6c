import type { InspectionRows } from '../../../protocol/inspection.ts';
import { memo } from '../../model/memo.ts';
import { h } from '../../ui/dom.ts';
import { checkbox } from '../../ui/editorControls.ts';
import { figures, t } from '../../ui/l10n.ts';
import { labelNames } from '../../ui/labelNames.ts';
import { targets, type Selection } from '../grid/selection.ts';
import type { Shown } from '../shown.ts';
import { labelKeys, type LabelCommand } from './keys.ts';

export interface SelectionEvents {
  readonly onCommand: (command: LabelCommand) => void;
  readonly onOpen: () => void;
  readonly onAdvance: (advance: boolean) => void;
}

export const commandName = (command: LabelCommand): string =>
  command.do === 'label'
    ? labelNames[command.label]()
    : {
        falseAlarm: t('False positive'),
        missed: t('Missed'),
        clear: t('Clear label'),
        pickType: t('Defect type…'),
      }[command.do];

/** What is selected, and a button for each label with its key. */
export function selectionBar({ onCommand, onOpen, onAdvance }: SelectionEvents) {
  const what = h('p', { className: 'what', data: { testid: 'selected' }, attrs: { 'aria-live': 'polite' } });
  const buttons = labelKeys.map(({ keys, command }) =>
    h(
      'button',
      {
        type: 'button',
        className: 'key-button',
        title: `${commandName(command)} (${keys.map(keyName).join(', ')})`,
        data: { testid: `do-${command.do === 'label' ? command.label : command.do}` },
        on: { click: () => onCommand(command) },
      },
      h('kbd', {}, keyName(keys.at(-1)!)),
      commandName(command),
    ),
  );
  const open = h(
    'button',
    {
      type: 'button',
      className: 'key-button',
      title: t('Open in the anomaly view (Enter)'),
      data: { testid: 'open' },
      on: { click: onOpen },
    },
    h('kbd', {}, '↵'),
    t('Open'),
  );
  const advance = checkbox(t('Go on after labelling'), 'advance', onAdvance);
  const element = h(
    'footer',
    { className: 'selection' },
    what,
    h(
      'div',
      { className: 'keys', attrs: { role: 'toolbar', 'aria-label': t('Label the selected images') } },
      ...buttons,
      open,
    ),
    advance,
  );
  const draw = memo((inspected: InspectionRows | undefined, selection: Selection, goesOn: boolean) => {
    element.hidden = !inspected;
    if (!inspected) return;
    const rows = targets(selection);
    const none = rows.length === 0;
    for (const each of [...buttons, open]) each.disabled = none;
    const { paths, score } = inspected;
    what.textContent =
      rows.length === 1
        ? `${paths[rows[0]!]} · ${figures(score[rows[0]!]!)}`
        : none
          ? t('Nothing selected')
          : t('{0} selected', rows.length);
    advance.checked = goesOn;
  });
  return {
    element,
    update: ({ results, ui }: Shown): void => draw(results?.inspection.rows, ui.selection, ui.advance),
  };
}

export const keyName = (key: string): string =>
  key.length === 1 ? key.toUpperCase() : ({ Backspace: '⌫', Delete: 'Del' }[key] ?? key);
