import type { InspectionMetrics } from '../../protocol/inspection.ts';
import type { Metrics } from '../../protocol/metrics.ts';
import { h } from '../lib/dom.ts';
import { t } from '../lib/l10n.ts';
import { memo, type Shown } from './shown.ts';

const percent = (value: number | undefined): string => (value === undefined ? '–' : (100 * value).toFixed(1));

/** Metrics of the whole folder and of each defect type; a type's name filters the grid by it. */
export function metricsTable(onDefect: (defect: string) => void) {
  const body = h('tbody', {});
  const heads = [
    ['', ''],
    [t('Images'), ''],
    [t('Recall'), t('Share of its images above the threshold')],
    ['R@5 %', t('The most that a threshold finds while it flags at most 5 % of the normal images')],
    ['AUROC', t('Of image scores, against all normal images')],
    ['AP', t('Average precision of image scores')],
    ['P-AUROC', t('Of all pixels, where there are masks')],
    ['P-AP', t('Average precision of pixels: how purely the hottest pixels are defective')],
    ['P-F1', t('The best overlap of hot and defective pixels that any pixel threshold gives')],
    ['AUPRO', t('Recall of defect regions up to 30 % false-positive rate, where there are masks')],
    ['AUPRO 5', t('The same up to 5 % false-positive rate, which is stricter')],
  ] as const;
  const head = h(
    'tr',
    {},
    ...heads.map(([name, title]) => (name ? h('th', { scope: 'col', title }, name) : h('td', {}))),
  );
  const note = h('p', { className: 'note' });
  const table = h(
    'table',
    { className: 'metrics', data: { testid: 'metrics' } },
    h('caption', { className: 'hidden' }, t('Metrics per defect type, in percent')),
    h('thead', {}, head),
    body,
  );
  const rates = h('p', { className: 'note', data: { testid: 'rates' } });
  const element = h('div', { className: 'scrolls' }, table, rates, note);
  const draw = memo((metrics: InspectionMetrics, defect: string) => {
    rates.textContent = ratesText(metrics);
    body.replaceChildren(
      row(h('span', {}, t('All')), metrics.images, metrics.recall, metrics),
      ...Object.entries(metrics.perDefect).map(([name, each]) =>
        row(
          h(
            'button',
            {
              type: 'button',
              className: 'link',
              title: t('Show only these images'),
              attrs: { 'aria-pressed': String(name === defect) },
              on: { click: () => onDefect(name === defect ? '' : name) },
            },
            name,
          ),
          each.images,
          each.recall,
          each,
        ),
      ),
    );
  });
  return {
    element,
    update({ metrics, results, ui }: Shown): void {
      table.hidden = rates.hidden = !metrics;
      note.hidden = metrics?.imageAuroc !== undefined;
      const measurable = results && results.counts.normal > 0 && results.counts.anomalous > 0;
      note.textContent =
        measurable && !metrics
          ? t('Measuring…')
          : t('Metrics need images labelled normal and anomalous, by their folders or by you.');
      if (metrics) draw(metrics, ui.arrangement.defect);
    },
  };
}

/** What happens at the image threshold and at the calibrated pixel threshold, as far as labels and masks tell. */
export function ratesText({ falseAlarmRate, falseAlarmInterval, pixelF1, pixelIou }: InspectionMetrics): string {
  const ends = falseAlarmInterval && [percent(falseAlarmInterval.low), percent(falseAlarmInterval.high)];
  const alarms = ends && t('False alarms: {0} % (95 % interval {1} to {2} %).', percent(falseAlarmRate), ...ends);
  const pixels =
    pixelF1 !== undefined &&
    t('At the calibrated pixel threshold: pixel F1 {0} %, IoU {1} %.', percent(pixelF1), percent(pixelIou));
  return [alarms, pixels].filter(Boolean).join(' ');
}

function row(
  name: HTMLElement,
  images: number,
  recall: number | undefined,
  { recallAt5, imageAuroc, imageAp, pixelAuroc, pixelAp, pixelF1Max, aupro, aupro05 }: Metrics,
): HTMLElement {
  const image = [recall, recallAt5, imageAuroc, imageAp];
  const cells = [...image, pixelAuroc, pixelAp, pixelF1Max, aupro, aupro05].map(percent);
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, name),
    h('td', {}, String(images)),
    ...cells.map((cell) => h('td', {}, cell)),
  );
}
