import type { InspectionMetrics } from '../../../protocol/inspection.ts';
import { memo } from '../../model/memo.ts';
import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import type { Shown } from '../shown.ts';

const percent = (value: number | undefined): string => (value === undefined ? '–' : (100 * value).toFixed(1));

/** Metrics of the whole folder and of each defect type; a type's name filters the grid by it. */
export function metricsTable(onDefect: (defect: string) => void) {
  const body = h('tbody', {});
  const heads = [
    ['', ''],
    [t('Images'), ''],
    [t('Recall'), t('Share of its images above the threshold')],
    ['AUROC', t('Of image scores, against all normal images')],
    ['AP', t('Average precision of image scores')],
    ['P-AUROC', t('Of all pixels, where there are masks')],
    ['AUPRO', t('Recall of defect regions up to 30 % false-positive rate, where there are masks')],
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
  const element = h('div', { className: 'scrolls' }, table, note);
  const draw = memo((metrics: InspectionMetrics, defect: string) => {
    body.replaceChildren(
      row(h('span', {}, t('All')), metrics.images, undefined, metrics),
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
      table.hidden = !metrics;
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

function row(
  name: HTMLElement,
  images: number,
  recall: number | undefined,
  values: {
    readonly imageAuroc?: number;
    readonly imageAp?: number;
    readonly pixelAuroc?: number;
    readonly aupro?: number;
  },
): HTMLElement {
  const cells = [recall, values.imageAuroc, values.imageAp, values.pixelAuroc, values.aupro].map(percent);
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, name),
    h('td', {}, String(images)),
    ...cells.map((cell) => h('td', {}, cell)),
  );
}
