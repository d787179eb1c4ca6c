import { scaleLinear } from 'd3-scale';
import { curveEnd, curvePath, operatingPoints, type CurveId, type CurvePoint } from '../../../charts/curves.ts';
import type { CurvePoints, InspectionMetrics } from '../../../protocol/inspection.ts';
import { memo } from '../../model/memo.ts';
import { h, s } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import type { Shown } from '../shown.ts';

const [width, height] = [164, 150];
const margin = { left: 26, right: 6, top: 8, bottom: 28 };

interface CurveKind {
  readonly id: CurveId;
  readonly title: () => string;
  readonly x: () => string;
  readonly y: () => string;
  readonly figure: (metrics: InspectionMetrics) => string;
}

const percent = (value: number | undefined): string => (value === undefined ? '' : (100 * value).toFixed(1));

const kinds: readonly CurveKind[] = [
  {
    id: 'roc',
    title: () => t('ROC'),
    x: () => t('false-alarm rate'),
    y: () => t('recall'),
    figure: ({ imageAuroc }) => t('AUROC {0} %', percent(imageAuroc)),
  },
  {
    id: 'precisionRecall',
    title: () => t('Precision–recall'),
    x: () => t('recall'),
    y: () => t('precision'),
    figure: ({ imageAp }) => t('AP {0} %', percent(imageAp)),
  },
  {
    id: 'pro',
    title: () => t('PRO'),
    x: () => t('false-positive rate of pixels'),
    y: () => t('mean recall of regions'),
    figure: ({ aupro }) => t('AUPRO {0} %', percent(aupro)),
  },
];

/** ROC, precision–recall and PRO with the operating point. */
export function curveCharts() {
  const none = h('p', { className: 'note' }, t('Curves need images labelled normal and anomalous.'));
  const charts = kinds.map(curveChart);
  const element = h('div', { className: 'curves' }, none, ...charts.map((chart) => chart.element));
  return {
    element,
    update(shown: Shown): void {
      const { results, metrics } = shown;
      none.hidden = !metrics || Boolean(metrics.roc);
      const operating = results ? operatingPoints(results.counts, metrics, results.thresholds.pixel.value) : undefined;
      for (const chart of charts) chart.update(metrics, operating?.[chart.id]);
    },
  };
}

function curveChart({ id, title, x: xName, y: yName, figure }: CurveKind) {
  const x = scaleLinear([0, curveEnd[id]], [margin.left, width - margin.right]);
  const y = scaleLinear([0, 1], [height - margin.bottom, margin.top]);
  const path = s('path', { class: 'curve' });
  const point = s('circle', { class: 'operating', r: 4 });
  const svg = s(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img' },
    ...axes(x, y, xName(), yName()),
    path,
    point,
  );
  const caption = h('figcaption', {});
  const element = h('figure', { data: { testid: `curve-${id}` } }, caption);
  element.append(svg);
  const draw = memo((metrics: InspectionMetrics, points: CurvePoints) => {
    caption.replaceChildren(h('strong', {}, title()), ` ${figure(metrics)}`);
    path.setAttribute('d', curvePath(id, points, x, y));
  });
  return {
    id,
    element,
    update(metrics: InspectionMetrics | undefined, there: CurvePoint | undefined): void {
      const points = metrics?.[id];
      element.hidden = !points;
      if (!points || !metrics) return;
      draw(metrics, points);
      point.toggleAttribute('hidden', !there);
      if (there) {
        point.setAttribute('cx', String(x(there[0])));
        point.setAttribute('cy', String(y(there[1])));
      }
      const where = there
        ? t('at the threshold: {0} {1} %, {2} {3} %', xName(), percent(there[0]), yName(), percent(there[1]))
        : '';
      svg.setAttribute('aria-label', [title(), figure(metrics), where].filter(Boolean).join(', '));
    },
  };
}

function axes(
  x: ReturnType<typeof scaleLinear<number>>,
  y: ReturnType<typeof scaleLinear<number>>,
  xName: string,
  yName: string,
): SVGElement[] {
  const [left, right] = x.range() as [number, number];
  const [bottom, top] = y.range() as [number, number];
  const text = (content: string, at: Readonly<Record<string, string | number>>) => {
    const element = s('text', at);
    element.textContent = content;
    return element;
  };
  const [low, high] = x.domain() as [number, number];
  return [
    s('path', { class: 'frame', d: `M${left} ${top}V${bottom}H${right}` }),
    text(String(low), { x: left, y: bottom + 11, 'text-anchor': 'middle' }),
    text(String(high), { x: right, y: bottom + 11, 'text-anchor': 'end' }),
    text('1', { x: left - 4, y: top + 4, 'text-anchor': 'end' }),
    text('0', { x: left - 4, y: bottom, 'text-anchor': 'end' }),
    text(xName, { x: (left + right) / 2, y: bottom + 22, 'text-anchor': 'middle', class: 'axis-name' }),
    text(yName, {
      x: 0,
      y: 0,
      'text-anchor': 'middle',
      class: 'axis-name',
      transform: `translate(${left - 14} ${(top + bottom) / 2}) rotate(-90)`,
    }),
  ];
}
