import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import type { Results } from '../shown.ts';

const share = (part: number, whole: number): string => (whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '–');

/**
 * Figures of the labelled images at the threshold; while that is dragged only what changes is
 * written.
 */
export function countTiles() {
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
