import type { InspectionMetrics } from '../../../protocol/inspection.ts';
import type { Metrics } from '../../../protocol/metrics.ts';
import { memo } from '../../model/memo.ts';
import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import type { Shown } from '../shown.ts';

const percent = (value: number | undefined): string => (value === undefined ? '–' : (100 * value).toFixed(1));

type Row = Metrics & { readonly recall?: number };
type Column = readonly [name: string, title: string, cell: (row: Row) => string];

const imageColumns = (): readonly Column[] => [
  [t('Images'), '', ({ images }) => String(images)],
  [t('Recall'), t('Share of its images above the threshold'), ({ recall }) => percent(recall)],
  [
    t('Recall at 5 %'),
    t('The most that any threshold finds while it flags at most 5 % of the normal images'),
    ({ recallAt5 }) => percent(recallAt5),
  ],
  ['AUROC', t('Of image scores, against all normal images'), ({ imageAuroc }) => percent(imageAuroc)],
  ['AP', t('Average precision of image scores'), ({ imageAp }) => percent(imageAp)],
];

const pixelColumns = (): readonly Column[] => [
  ['P-AUROC', t('Of all pixels, where there are masks'), ({ pixelAuroc }) => percent(pixelAuroc)],
  ['P-AP', t('Average precision: are the hottest pixels the defective ones?'), ({ pixelAp }) => percent(pixelAp)],
  [
    'P-F1-max',
    t('How well hot and defective pixels overlap at the pixel threshold that suits best'),
    ({ pixelF1Max }) => percent(pixelF1Max),
  ],
  ['AUPRO', t('Recall of defect regions up to 30 % false-positive rate'), ({ aupro }) => percent(aupro)],
  [
    'AUPRO 5 %',
    t('The same up to 5 % false-positive rate: what is found before much else is flagged'),
    ({ aupro05 }) => percent(aupro05),
  ],
];

/**
 * Metrics of the whole folder and of each defect type, of images and of pixels; a type's name
 * filters the grid by it.
 */
export function metricsTable(onDefect: (defect: string) => void) {
  const images = table('metrics', t('Metrics of images per defect type, in percent'), imageColumns(), onDefect);
  const pixels = table('pixel-metrics', t('Metrics of pixels per defect type, in percent'), pixelColumns(), onDefect);
  const alarms = h('p', { className: 'note' });
  const overlap = h('p', { className: 'note' });
  const note = h('p', { className: 'note' });
  const element = h('div', { className: 'scrolls' }, images.element, alarms, pixels.element, overlap, note);
  const draw = memo((metrics: InspectionMetrics, defect: string) => {
    images.draw(metrics, defect);
    pixels.draw(metrics, defect);
    alarms.textContent = alarmsText(metrics);
    overlap.textContent = overlapText(metrics);
  });
  return {
    element,
    update({ metrics, results, ui }: Shown): void {
      images.element.hidden = alarms.hidden = !metrics;
      pixels.element.hidden = overlap.hidden = metrics?.pixelAp === undefined;
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

function table(testid: string, caption: string, columns: readonly Column[], onDefect: (defect: string) => void) {
  const body = h('tbody', {});
  const heads = columns.map(([name, title]) => h('th', { scope: 'col', title }, name));
  const element = h(
    'table',
    { className: 'metrics', data: { testid } },
    h('caption', { className: 'hidden' }, caption),
    h('thead', {}, h('tr', {}, h('td', {}), ...heads)),
    body,
  );
  const row = (name: HTMLElement, of: Row): HTMLElement =>
    h('tr', {}, h('th', { scope: 'row' }, name), ...columns.map(([, , cell]) => h('td', {}, cell(of))));
  const link = (name: string, defect: string): HTMLElement =>
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
    );
  return {
    element,
    draw(metrics: InspectionMetrics, defect: string): void {
      const types = Object.entries(metrics.perDefect).map(([name, each]) => row(link(name, defect), each));
      body.replaceChildren(row(h('span', {}, t('All')), metrics), ...types);
    },
  };
}

/** What the image threshold flags of the normal images. */
function alarmsText({ falseAlarmRate, falseAlarmInterval: interval }: InspectionMetrics): string {
  if (!interval) return '';
  const [low, high] = [percent(interval.low), percent(interval.high)];
  return t('False alarms at the threshold: {0} % (95 % interval {1} to {2} %).', percent(falseAlarmRate), low, high);
}

/** What lies above the calibrated pixel threshold, whatever the settings say. */
const overlapText = ({ pixelF1, pixelIou }: InspectionMetrics): string =>
  pixelF1 === undefined
    ? ''
    : t('Pixels at the calibrated pixel threshold: F1 {0} %, IoU {1} %.', percent(pixelF1), percent(pixelIou));
