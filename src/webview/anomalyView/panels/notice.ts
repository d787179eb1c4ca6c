import type { Action } from '../../../protocol/anomalyView.ts';
import { button } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import type { Shown } from '../shown.ts';

const actionNames: Readonly<Record<Action, () => string>> = {
  retry: () => t('Try again'),
  train: () => t('Train on normal images…'),
  selectDetector: () => t('Select detector…'),
  showLog: () => t('Show engine log'),
  openSettings: () => t('Open settings'),
  openNumbers: () => t('Open the raw numbers'),
  previous: () => t('Previous image'),
  next: () => t('Next image'),
};

/**
 * What the view waits for or why it can't show a result, with buttons that help; and what is wrong
 * with the settings.
 */
export function notices(onAct: (action: Action) => void) {
  const card = h('div', { className: 'card surface', data: { testid: 'message' }, attrs: { role: 'status' } });
  const warnings = h('div', { className: 'warnings', data: { testid: 'warnings' }, attrs: { role: 'status' } });
  const act = (action: Action) => button(actionNames[action](), { id: `act-${action}` }, () => onAct(action));
  let drawn: unknown;
  return {
    card,
    warnings,
    update({ state: { phase, warnings: lines }, pictureFailure }: Shown): void {
      const wanted = JSON.stringify([phase, lines, pictureFailure]);
      if (wanted === drawn) return;
      drawn = wanted;
      warnings.hidden = lines.length === 0;
      warnings.replaceChildren(
        ...lines.map((line) => h('p', {}, line)),
        ...(lines.length ? [act('openSettings')] : []),
      );
      card.hidden = phase.kind === 'done' && pictureFailure === undefined;
      card.classList.toggle('busy', phase.kind === 'busy');
      if (phase.kind === 'busy')
        card.replaceChildren(h('span', { className: 'spinner', attrs: { 'aria-hidden': 'true' } }), phase.message);
      else if (phase.kind === 'failed')
        card.replaceChildren(h('p', {}, phase.message), h('div', { className: 'buttons' }, ...phase.actions.map(act)));
      else card.replaceChildren(h('p', {}, pictureFailure ?? ''), h('div', { className: 'buttons' }, act('retry')));
    },
  };
}
