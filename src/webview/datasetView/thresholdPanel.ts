import { changeOf, proposalKinds, type Proposal, type ProposalKind } from '../../protocol/proposal.ts';
import { h } from '../lib/dom.ts';
import { figures, t } from '../lib/l10n.ts';
import { button, select, textfield } from './controls.ts';
import { histogramChart, barNames, type HistogramEvents } from './histogramChart.ts';
import { changeWords } from './changeWords.ts';
import { proposalNames } from './names.ts';
import { barLabels } from './scoreBins.ts';
import { flagsSame, plainThreshold } from './plainThreshold.ts';
import { targets } from './selection.ts';
import { memo, type Results, type Shown } from './shown.ts';

export interface ThresholdEvents extends HistogramEvents {
  readonly onReset: () => void;
  /** null: back to the calibrated one. */
  readonly onSave: (threshold: number | null) => void;
  readonly onUndoThreshold: () => void;
  readonly onProposal: (kind: ProposalKind) => void;
  readonly onMissCost: (cost: number) => void;
  readonly onTeach: () => void;
}

/** The histogram with the threshold, what it does to labelled images, and what the labels propose instead. */
export function thresholdPanel(events: ThresholdEvents) {
  const chart = histogramChart(events);
  const origin = h('p', { className: 'note', data: { testid: 'origin' } });
  const tiles = countTiles();
  const attrs = { 'aria-live': 'polite' };
  const counts = h('div', { className: 'counts', data: { testid: 'counts' }, attrs }, ...tiles.elements);
  const save = button(
    t('Save to settings…'),
    { id: 'save', secondary: false },
    () => current && events.onSave(current.threshold),
  );
  const reset = button(t('Discard'), { id: 'reset' }, events.onReset);
  const calibrated = button(
    t('Use calibrated'),
    { id: 'calibrated', title: t('Removes the threshold from the settings') },
    () => events.onSave(null),
  );
  const undo = button(
    t('Undo'),
    { id: 'undoThreshold', title: t('Takes back what was saved last') },
    events.onUndoThreshold,
  );
  const legend = h(
    'ul',
    { className: 'legend' },
    ...barLabels.map((name) => h('li', { className: name }, barNames[name]())),
    h('li', { className: 'proposed' }, t('Proposed')),
  );
  const proposal = proposalCard(events);
  let current: Results | undefined;
  const element = h(
    'section',
    { attrs: { 'aria-labelledby': 'threshold-title' } },
    h('h2', { id: 'threshold-title' }, t('Threshold')),
    chart.element,
    legend,
    counts,
    origin,
    h('div', { className: 'buttons' }, save, reset, calibrated, undo),
    proposal.element,
  );
  return {
    element,
    update(shown: Shown): void {
      const { results, ui, state } = shown;
      current = results;
      element.hidden = !results;
      if (!results) return;
      chart.update(shown);
      tiles.update(results);
      const moved = ui.draft !== undefined;
      const { image, calibrated: values, falseAlarmRate, promised } = results.thresholds;
      origin.textContent = moved
        ? t(
            'Moved from {0}, not saved: {1}.',
            figures(image.value),
            changeWords(changeOf(results.savedCounts, results.counts)),
          )
        : image.origin === 'settings'
          ? t('From the settings; calibrated: {0}.', figures(values.image))
          : promised
            ? t('Calibrated: at most {0} % of normal images lie above.', rate(falseAlarmRate))
            : t('Calibrated on few images: no better than {0} % false alarms can be promised.', rate(falseAlarmRate));
      save.hidden = reset.hidden = !moved;
      calibrated.hidden = moved || image.origin === 'calibrated';
      undo.hidden = moved || !state.canUndoThreshold;
      proposal.update(shown);
    },
  };
}

const rate = (share: number): number => Number((100 * share).toPrecision(2));
const share = (part: number, whole: number): string => (whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '–');

/** Figures of the labelled images at the threshold; while that is dragged only what changes is written. */
function countTiles() {
  const tile = (id: string, name: string, title: string) => {
    const value = h('strong', {});
    const of = h('small', {});
    const element = h('div', { className: 'tile', title, data: { testid: id } }, value, h('span', {}, name), of);
    const update = (count: number, words: string, bad = false): void => {
      if (element.dataset.value !== String(count)) element.dataset.value = value.textContent = String(count);
      if (of.textContent !== words) of.textContent = words;
      element.classList.toggle('bad', bad);
    };
    return { element, update };
  };
  const alarms = tile('falseAlarms', t('false alarms'), t('Of images labelled normal'));
  const missed = tile('misses', t('misses'), t('Of images labelled anomalous'));
  const above = tile('flagged', t('flagged'), t('Of all images, labelled or not'));
  return {
    elements: [alarms, missed, above].map(({ element }) => element),
    update({ counts, threshold, inspection }: Results): void {
      const { falseAlarms, misses, normal, anomalous } = counts;
      let flagged = 0;
      let judged = 0;
      const { score } = inspection.rows;
      for (let row = 0; row < score.length; row++) {
        if (score[row]! > threshold) flagged++;
        if (!Number.isNaN(score[row]!)) judged++;
      }
      alarms.update(falseAlarms, t('{1} of {0}', normal, share(falseAlarms, normal)), falseAlarms > 0);
      missed.update(misses, t('{1} of {0}', anomalous, share(misses, anomalous)), misses > 0);
      above.update(flagged, t('of {0} images', judged));
    },
  };
}

function proposalCard({ onThreshold, onSave, onProposal, onMissCost, onTeach }: ThresholdEvents) {
  const kind = select<ProposalKind>(t('Propose by'), 'proposalKind', onProposal);
  const cost = textfield(t('A miss costs as much as this many false alarms'), 'missCost', '10', (text) => {
    const value = Number(text.replace(',', '.'));
    if (value > 0 && Number.isFinite(value)) onMissCost(value);
  });
  const costField = h(
    'label',
    { className: 'field' },
    h('span', {}, t('1 miss =')),
    cost,
    h('span', {}, t('false alarms')),
  );
  const title = h('p', { className: 'proposal-title', data: { testid: 'proposal' } });
  const effect = h('p', { className: 'effect', data: { testid: 'effect' }, attrs: { 'aria-live': 'polite' } });
  const basis = h('p', { className: 'note' });
  /** The proposed threshold as it is written to the settings. */
  let plain: number | undefined;
  const plainOf = memo(plainThreshold);
  const sameOf = memo(flagsSame);
  const apply = button(
    t('Apply to settings…'),
    { id: 'apply', secondary: false },
    () => plain !== undefined && onSave(plain),
  );
  const look = button(
    t('Show'),
    { id: 'tryProposal', title: t('Moves the threshold there without saving') },
    () => plain !== undefined && onThreshold(plain, false),
  );
  const teach = button(
    t('Teach as normal…'),
    {
      id: 'teach',
      title: t(
        'A new version of the detector learns the selected images, or their flagged regions, as normal; you see the effect before you accept it',
      ),
    },
    onTeach,
  );
  const element = h(
    'div',
    { className: 'proposal' },
    h('div', { className: 'row' }, kind.element, costField),
    title,
    effect,
    basis,
    h('div', { className: 'buttons' }, apply, look, teach),
  );
  return {
    element,
    update({ results, ui, state }: Shown): void {
      if (!results) return;
      const { proposals } = results;
      const offered = proposalKinds.filter((each) => proposals.some((proposal) => proposal.kind === each));
      kind.update(
        offered.map((each) => [each, proposalNames[each]()] as const),
        ui.proposal,
      );
      const chosen = proposals.find((proposal) => proposal.kind === ui.proposal) ?? proposals[0];
      kind.element.hidden = offered.length < 2;
      costField.hidden = chosen?.kind !== 'cost';
      if (cost.value === '') cost.value = String(ui.missCost);
      element.dataset.threshold = String(chosen?.threshold ?? '');
      const { inspection, thresholds } = results;
      plain = chosen && plainOf(inspection, chosen.threshold);
      const same =
        plain === undefined ||
        (Math.abs(plain - thresholds.image.value) < 5e-4 && sameOf(inspection, plain, thresholds.image.value));
      title.replaceChildren(
        ...(chosen
          ? [
              t('Proposed: '),
              h('strong', {}, figures(chosen.threshold)),
              same ? t(', as it is') : t(' instead of {0}', figures(thresholds.image.value)),
            ]
          : [t('No proposal: there are no scores of normal images.')]),
      );
      effect.textContent = chosen ? changeWords(changeOf(results.savedCounts, chosen.counts)) : '';
      basis.textContent = chosen ? basisText(chosen) : '';
      apply.disabled = look.disabled = same;
      teach.disabled = targets(ui.selection).length === 0 || state.progress !== undefined;
    },
  };
}

function basisText({ kind, falseAlarmRate, promised, calibratedOn, fromLabels, f1, cost }: Proposal): string {
  if (kind === 'bestF1') return t('The best F1 on labelled images: {0} %.', ((f1 ?? 0) * 100).toFixed(1));
  if (kind === 'cost') return t('The least cost on labelled images: {0}.', String(cost));
  if (fromLabels)
    return t(
      'Fitted to your labels ({0} of {1} normal images): promises no rate of false alarms.',
      fromLabels,
      calibratedOn ?? 0,
    );
  return promised
    ? t('At most {0} % false alarms, by {1} normal images.', rate(falseAlarmRate ?? 0), calibratedOn ?? 0)
    : t('{0} normal images promise no better than {1} % false alarms.', calibratedOn ?? 0, rate(falseAlarmRate ?? 0));
}
