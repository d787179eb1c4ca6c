import { changeOf, proposalKinds, type Proposal, type ProposalKind } from '../../../verdict/proposal.ts';
import { memo } from '../../model/memo.ts';
import { optionsOf } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { button, select, textfield } from '../../ui/editorControls.ts';
import { figures, t } from '../../ui/l10n.ts';
import { numberIn } from '../filters/numberIn.ts';
import { targets } from '../grid/selection.ts';
import { proposalNames } from '../names.ts';
import type { Results, Shown } from '../shown.ts';
import { changeWords } from './changeWords.ts';
import { flagsSame, plainThreshold } from './plainThreshold.ts';
import { basisWords } from './proposalWords.ts';

export interface ProposalEvents {
  readonly onThreshold: (value: number, dragging: boolean) => void;
  readonly onSave: (threshold: number) => void;
  readonly onProposal: (kind: ProposalKind) => void;
  readonly onMissCost: (cost: number) => void;
  readonly onTeach: () => void;
}

/** What the labels propose: by which rule, what it would change, and what can be done with it. */
export function proposalCard(events: ProposalEvents) {
  const rule = ruleControls(events);
  const actions = proposalActions(events);
  const title = h('p', { className: 'proposal-title', data: { testid: 'proposal' } });
  const effect = h('p', { className: 'effect', data: { testid: 'effect' }, attrs: { 'aria-live': 'polite' } });
  const basis = h('p', { className: 'note' });
  const element = h('div', { className: 'proposal' }, rule.element, title, effect, basis, actions.element);
  const plainOf = memo(plainThreshold);
  const sameOf = memo(flagsSame);

  /** What is written to the settings, and whether that changes nothing. */
  function judge({ inspection, thresholds: { image } }: Results, chosen: Proposal | undefined) {
    if (!chosen) return { same: true };
    const plain = plainOf(inspection, chosen.threshold);
    return { plain, same: Math.abs(plain - image.value) < 5e-4 && sameOf(inspection, plain, image.value) };
  }

  return {
    element,
    update({ results, ui, state }: Shown): void {
      if (!results) return;
      const { proposals, savedCounts, thresholds } = results;
      const chosen = proposals.find((proposal) => proposal.kind === ui.proposal) ?? proposals[0];
      const { plain, same } = judge(results, chosen);
      rule.update(proposals, chosen, ui.proposal, ui.missCost);
      actions.update(plain, same, targets(ui.selection).length > 0 && state.progress === undefined);
      element.dataset.threshold = String(chosen?.threshold ?? '');
      title.replaceChildren(...titleOf(chosen, same, thresholds.image.value));
      effect.textContent = chosen ? changeWords(changeOf(savedCounts, chosen.counts)) : '';
      basis.textContent = chosen ? basisWords(chosen) : '';
    },
  };
}

function titleOf(chosen: Proposal | undefined, same: boolean, saved: number): (Node | string)[] {
  if (!chosen) return [t('No proposal: there are no scores of normal images.')];
  const value = h('strong', {}, figures(chosen.threshold));
  return [t('Proposed: '), value, same ? t(', as it is') : t(' instead of {0}', figures(saved))];
}

/** By which rule the threshold is proposed. */
function ruleControls({ onProposal, onMissCost }: ProposalEvents) {
  const kind = select<ProposalKind>(t('Propose by'), 'proposalKind', onProposal);
  const cost = textfield(t('A miss costs as much as this many false alarms'), 'missCost', '10', (text) => {
    const value = numberIn(text) ?? 0;
    if (value > 0) onMissCost(value);
  });
  const costField = h(
    'label',
    { className: 'field' },
    h('span', {}, t('1 miss =')),
    cost,
    h('span', {}, t('false alarms')),
  );
  return {
    element: h('div', { className: 'row' }, kind.element, costField),
    update(proposals: readonly Proposal[], chosen: Proposal | undefined, wanted: ProposalKind, missCost: number): void {
      const offered = proposalKinds.filter((each) => proposals.some((proposal) => proposal.kind === each));
      kind.update(optionsOf(offered, proposalNames), wanted);
      kind.element.hidden = offered.length < 2;
      costField.hidden = chosen?.kind !== 'cost';
      if (cost.value === '') cost.value = String(missCost);
    },
  };
}

function proposalActions({ onThreshold, onSave, onTeach }: ProposalEvents) {
  let plain: number | undefined;
  const save = () => plain !== undefined && onSave(plain);
  const apply = button(t('Apply to settings…'), { id: 'apply', primary: true }, save);
  const lookTitle = t('Moves the threshold there without saving');
  const goThere = () => plain !== undefined && onThreshold(plain, false);
  const look = button(t('Show'), { id: 'tryProposal', title: lookTitle }, goThere);
  const teachTitle = [
    t('A new version of the detector learns the selected images, or their flagged regions, as normal.'),
    t('You see the effect before you accept it.'),
  ].join(' ');
  const teach = button(t('Teach as normal…'), { id: 'teach', title: teachTitle }, onTeach);
  return {
    element: h('div', { className: 'buttons' }, apply, look, teach),
    update(value: number | undefined, same: boolean, teachable: boolean): void {
      plain = value;
      apply.disabled = look.disabled = same;
      teach.disabled = !teachable;
    },
  };
}
