import { userLabels, type UserLabel } from '../../../dataset/labels.ts';
import { button } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import { labelNames } from '../../ui/labelNames.ts';
import type { Shown } from '../shown.ts';

/** The key of each button. */
const labelKeys: Readonly<Record<UserLabel, string>> = {
  normal: 'N',
  anomalous: 'A',
  unsure: 'U',
  excluded: 'X',
};

/** What the user says of the image; a second press takes it back. */
export function labelSection(onLabel: (label: UserLabel | null) => void, onDefectType: () => void) {
  let now: UserLabel | null | undefined;
  const buttons = userLabels.map((label) => {
    const click = () => onLabel(now === label ? null : label);
    const title = t('{0} ({1})', labelNames[label](), labelKeys[label]);
    return [label, button(labelNames[label](), { id: `label-${label}`, title }, click)] as const;
  });
  const choose = h('button', {
    type: 'button',
    className: 'button defect',
    title: t('Label as anomalous, with a defect type (Shift+A)'),
    data: { testid: 'defect-type' },
    on: { click: onDefectType },
  });
  const note = h('p', { className: 'note', data: { testid: 'label-note' } });
  const element = h(
    'section',
    { attrs: { 'aria-labelledby': 'label-title' } },
    // Not h3: on a failure there is no verdict, and this is the page's first heading.
    h('h2', { className: 'section', id: 'label-title' }, t('Your label')),
    h('div', { className: 'buttons labels' }, ...buttons.map(([, button]) => button), choose),
    note,
  );
  return {
    element,
    update({ state: { label, defectType }, labelNote }: Shown): void {
      now = label;
      element.hidden = label === undefined;
      for (const [each, button] of buttons) button.setAttribute('aria-pressed', String(each === label));
      choose.textContent = defectType ? t('Defect type: {0}', defectType) : t('Defect type…');
      note.textContent = labelNote ?? '';
      note.hidden = labelNote === undefined;
    },
  };
}
