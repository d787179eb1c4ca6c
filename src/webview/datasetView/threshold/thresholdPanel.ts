import { barLabels } from '../../../charts/histogram.ts';
import { changeOf } from '../../../verdict/proposal.ts';
import { h } from '../../ui/dom.ts';
import { button } from '../../ui/editorControls.ts';
import { figures, t } from '../../ui/l10n.ts';
import { barNames, histogramChart } from '../charts/histogramChart.ts';
import type { HistogramEvents } from '../charts/histogramInput.ts';

import type { Results, Shown } from '../shown.ts';
import { changeWords } from './changeWords.ts';
import { countTiles } from './countTiles.ts';
import { proposalCard, type ProposalEvents } from './proposalCard.ts';
import { percentage } from './proposalWords.ts';

export interface ThresholdEvents extends HistogramEvents, Omit<ProposalEvents, 'onSave'> {
  readonly onReset: () => void;
  /** null: back to the calibrated one. */
  readonly onSave: (threshold: number | null) => void;
  readonly onUndoThreshold: () => void;
}

/**
 * The histogram with the threshold, what it does to labelled images, and what the labels propose
 * instead.
 */
export function thresholdPanel(events: ThresholdEvents) {
  const chart = histogramChart(events);
  const tiles = countTiles();
  const attrs = { 'aria-live': 'polite' };
  const counts = h('div', { className: 'counts', data: { testid: 'counts' }, attrs }, ...tiles.elements);
  const origin = h('p', { className: 'note', data: { testid: 'origin' } });
  const actions = thresholdActions(events);
  const proposal = proposalCard(events);
  const element = h(
    'section',
    { attrs: { 'aria-labelledby': 'threshold-title' } },
    h('h2', { id: 'threshold-title' }, t('Threshold')),
    chart.element,
    legend(),
    counts,
    origin,
    actions.element,
    proposal.element,
  );
  return {
    element,
    update(shown: Shown): void {
      const { results, ui } = shown;
      element.hidden = !results;
      if (!results) return;
      chart.update(shown);
      tiles.update(results);
      origin.textContent = originWords(results, ui.draft !== undefined);
      actions.update(shown, results);
      proposal.update(shown);
    },
  };
}

const legend = (): HTMLElement =>
  h(
    'ul',
    { className: 'legend' },
    ...barLabels.map((name) => h('li', { className: name }, barNames[name]())),
    h('li', { className: 'proposed' }, t('Proposed')),
  );

/** Where the threshold comes from. */
function originWords({ thresholds, savedCounts, counts }: Results, moved: boolean): string {
  const { image, calibrated, falseAlarmRate, promised } = thresholds;
  if (moved) {
    const change = changeWords(changeOf(savedCounts, counts));
    return t('Moved from {0}, not saved: {1}.', figures(image.value), change);
  }
  if (image.origin === 'settings') return t('From the settings; calibrated: {0}.', figures(calibrated.image));
  const rate = percentage(falseAlarmRate);
  return promised
    ? t('Calibrated: at most {0} % of normal images lie above.', rate)
    : t('Calibrated on few images: no better than {0} % false alarms can be promised.', rate);
}

/** What can be done with the threshold as it stands. */
function thresholdActions({ onReset, onSave, onUndoThreshold }: ThresholdEvents) {
  let threshold: number | undefined;
  const saveNow = () => threshold !== undefined && onSave(threshold);
  const save = button(t('Save to settings…'), { id: 'save', primary: true }, saveNow);
  const reset = button(t('Discard'), { id: 'reset' }, onReset);
  const calibratedLooks = { id: 'calibrated', title: t('Removes the threshold from the settings') };
  const calibrated = button(t('Use calibrated'), calibratedLooks, () => onSave(null));
  const undo = button(t('Undo'), { id: 'undoThreshold', title: t('Takes back what was saved last') }, onUndoThreshold);
  return {
    element: h('div', { className: 'buttons' }, save, reset, calibrated, undo),
    update({ ui, state }: Shown, results: Results): void {
      ({ threshold } = results);
      const moved = ui.draft !== undefined;
      save.hidden = reset.hidden = !moved;
      calibrated.hidden = moved || results.thresholds.image.origin === 'calibrated';
      undo.hidden = moved || !state.canUndoThreshold;
    },
  };
}
