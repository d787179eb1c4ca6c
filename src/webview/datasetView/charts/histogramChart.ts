import {
  barLabels,
  barsOf,
  histogramOf,
  type BarLabel,
  type Histogram,
  type ScoreBin,
} from '../../../charts/histogram.ts';
import { memo } from '../../model/memo.ts';
import { h, s } from '../../ui/dom.ts';
import { figures, t } from '../../ui/l10n.ts';
import type { Results, Shown } from '../shown.ts';
import { histogramInput, type HistogramEvents } from './histogramInput.ts';
import { frame, height, reach, width } from './histogramModel.ts';

export const barNames: Readonly<Record<BarLabel, () => string>> = {
  normal: () => t('Normal'),
  anomalous: () => t('Anomalous'),
  other: () => t('Not labelled'),
};

/**
 * Scores of all images as bars stacked by label, with the threshold as a line, and a range of
 * scores that is selected.
 */
export function histogramChart(events: HistogramEvents) {
  const bars = s('g', { class: 'bars' });
  const axis = s('g', { class: 'axis' });
  const brush = brushMark();
  const proposed = s('line', { class: 'proposed', y1: frame.top, y2: frame.floor });
  const threshold = thresholdMark();
  const svg = s(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, class: 'histogram', role: 'group', 'aria-label': t('Scores by label') },
    bars,
    axis,
    brush.element,
    proposed,
    threshold.label,
    threshold.line,
  );
  const element = h('div', { className: 'chart', data: { testid: 'histogram' } });
  element.append(svg);

  let shown: { readonly histogram: Histogram; readonly threshold: number } | undefined;
  const input = histogramInput(svg, threshold.line, () => shown, {
    ...events,
    onBrushing: (scores) => shown && brush.update(shown.histogram, scores),
  });
  const draw = memo((rows: Results['inspection']['rows'], labels: Results['labels'], top: number) => {
    const histogram = histogramOf(rows, labels, top, frame);
    drawBars(bars, histogram);
    drawAxis(axis, histogram);
    return histogram;
  });

  return {
    element,
    update({ results, ui }: Shown): void {
      if (!results) return void (shown = undefined);
      const { inspection, labels, thresholds } = results;
      const top = Math.max(thresholds.image.value, thresholds.calibrated.image);
      const histogram = draw(inspection.rows, labels, top);
      shown = { histogram, threshold: results.threshold };
      threshold.update(histogram, results.threshold);
      if (!input.brushing) brush.update(histogram, ui.arrangement.scores);
      const chosen = results.proposals.find(({ kind }) => kind === ui.proposal);
      proposed.toggleAttribute('hidden', !chosen);
      if (!chosen) return;
      proposed.setAttribute('x1', String(histogram.x(chosen.threshold)));
      proposed.setAttribute('x2', String(histogram.x(chosen.threshold)));
    },
  };
}

/** The line that is dragged, with its value above. */
function thresholdMark() {
  const label = s('text', { class: 'value', y: 10 });
  const line = s(
    'g',
    { class: 'threshold', tabindex: 0, role: 'slider', 'aria-label': t('Image threshold'), 'data-testid': 'threshold' },
    s('rect', { class: 'grip', x: -reach, width: 2 * reach, y: 0, height: frame.floor }),
    s('line', { y1: frame.top - 3, y2: frame.floor }),
    s('path', { class: 'handle', d: `M-5 ${frame.top - 4} h10 l-5 6 z` }),
  );
  return {
    label,
    line,
    update({ x }: Histogram, threshold: number): void {
      const at = x(threshold);
      line.setAttribute('transform', `translate(${at} 0)`);
      const [low, high] = x.domain();
      line.setAttribute('aria-valuemin', String(low));
      line.setAttribute('aria-valuemax', String(high));
      line.setAttribute('aria-valuenow', String(threshold));
      line.setAttribute('aria-valuetext', figures(threshold));
      label.textContent = figures(threshold);
      label.setAttribute('text-anchor', at < 20 ? 'start' : at > width - 20 ? 'end' : 'middle');
      label.setAttribute('x', String(at));
    },
  };
}

/** The range of scores that is selected. */
function brushMark() {
  const element = s('rect', { class: 'brush', y: frame.top, height: frame.floor - frame.top, hidden: '' });
  return {
    element,
    update({ x }: Histogram, scores: readonly [number, number] | undefined): void {
      element.toggleAttribute('hidden', !scores);
      if (!scores) return;
      const [from, to] = [x(scores[0]), x(scores[1])];
      element.setAttribute('x', String(from));
      element.setAttribute('width', String(Math.max(1, to - from)));
    },
  };
}

function drawBars(group: SVGElement, histogram: Histogram): void {
  group.replaceChildren(
    ...barsOf(histogram, frame).map(({ label, bin, ...box }) => {
      const title = Object.assign(s('title', {}), { textContent: wordsOf(bin) });
      return s('rect', { class: label, ...box }, title);
    }),
  );
}

const wordsOf = ({ low, high, counts }: ScoreBin): string =>
  [`${figures(low)} – ${figures(high)}`, ...barLabels.map((label) => `${barNames[label]()}: ${counts[label]}`)].join(
    '\n',
  );

function drawAxis(group: SVGElement, { x, span }: Histogram): void {
  const format = x.tickFormat(5);
  const { left, right, floor } = frame;
  const text = (content: string, at: Readonly<Record<string, string | number>>) =>
    Object.assign(s('text', at), { textContent: content });
  const gathered =
    span.most > span.high
      ? [text(t('up to {0} →', figures(span.most)), { x: right, y: frame.top + 10, 'text-anchor': 'end' })]
      : [];
  group.replaceChildren(
    s('line', { x1: left, x2: right, y1: floor, y2: floor }),
    ...x.ticks(5).map((tick) => text(format(tick), { x: x(tick), y: floor + 13, 'text-anchor': 'middle' })),
    ...gathered,
  );
}
