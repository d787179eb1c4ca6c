import { changeOf } from '../../../verdict/proposal.ts';
import { h } from '../../ui/dom.ts';
import { button, select } from '../../ui/editorControls.ts';
import { figures, t } from '../../ui/l10n.ts';
import type { Shown } from '../shown.ts';
import { changeWords } from '../threshold/changeWords.ts';
import { countsOfOther } from './comparison.ts';

export interface ComparisonEvents {
  readonly onCompare: (detector: string) => void;
  readonly onEnd: () => void;
  readonly onShowChanged: () => void;
  readonly onAccept: () => void;
  readonly onDiscard: () => void;
}

/**
 * Another detector on the same folder: what it would change, and for a taught one whether to use
 * it.
 */
export function comparisonPanel({ onCompare, onEnd, onShowChanged, onAccept, onDiscard }: ComparisonEvents) {
  let chosen = '';
  const which = select<string>(t('Compare with'), 'compareWith', (value) => (chosen = value));
  const start = button(t('Compare'), { id: 'compare', primary: true }, () => chosen && onCompare(chosen));
  const alone = h(
    'p',
    { className: 'note' },
    t('There is no other detector in this workspace folder. Train one to compare.'),
  );
  const choice = h('div', { className: 'row' }, which.element, start);
  const picker = h('div', { className: 'picker' }, choice, alone);
  const bar = h('div', { className: 'comparison', data: { testid: 'comparison' }, attrs: { role: 'status' } });
  const text = h('p', {});
  const effect = h('p', { className: 'effect', data: { testid: 'comparisonEffect' } });
  const accept = button(t('Use the taught detector'), { id: 'accept', primary: true }, onAccept);
  const discard = button(t('Discard it'), { id: 'discard' }, onDiscard);
  const changedOnly = button(t('Show what changes'), { id: 'showChanged' }, onShowChanged);
  const end = button(t('End comparison'), { id: 'endComparison' }, onEnd);
  bar.append(h('div', {}, text, effect), h('div', { className: 'buttons' }, accept, discard, changedOnly, end));
  return {
    picker,
    bar,
    update({ state, results, comparison, ui }: Shown): void {
      const others = state.detectors.filter(({ folder }) => folder !== results?.inspection.detector.folder);
      // A taught detector waits for its answer first.
      start.disabled = comparison?.taught === true || state.progress !== undefined;
      alone.hidden = others.length > 0;
      choice.hidden = others.length === 0;
      if (!others.some(({ folder }) => folder === chosen)) chosen = others[0]?.folder ?? '';
      which.update(
        others.map(({ folder, name }) => [folder, name] as const),
        chosen,
      );
      bar.hidden = !comparison || !results;
      if (!comparison || !results) return;
      let flaggedNow = 0;
      let clearedNow = 0;
      const { score } = results.inspection.rows;
      for (let row = 0; row < score.length; row++) {
        if (!results.changed?.(row)) continue;
        if (comparison.score[row]! > comparison.threshold) flaggedNow++;
        else clearedNow++;
      }
      bar.dataset.changed = String(flaggedNow + clearedNow);
      text.replaceChildren(
        h('strong', {}, comparison.inspection.detector.name),
        t(
          ' (threshold {0}) on the right: {1} images become anomalous, {2} become normal.',
          figures(comparison.threshold),
          flaggedNow,
          clearedNow,
        ),
      );
      effect.textContent = changeWords(changeOf(results.counts, countsOfOther(comparison, results.labels)));
      accept.hidden = discard.hidden = !comparison.taught;
      end.hidden = comparison.taught;
      changedOnly.hidden = flaggedNow + clearedNow === 0 || ui.arrangement.verdict === 'changed';
    },
  };
}
