import { scaleLinear, scaleSqrt } from 'd3-scale';
import { h, s } from '../lib/dom.ts';
import { figures, t } from '../lib/l10n.ts';
import { niceStep } from './niceStep.ts';
import { barLabels, scoreBins, scoreSpan, type ScoreBin } from './scoreBins.ts';
import { memo, type Results, type Shown } from './shown.ts';

export interface HistogramEvents {
  /** @param dragging whether more is to come */
  readonly onThreshold: (value: number, dragging: boolean) => void;
  readonly onBrush: (scores: readonly [number, number] | undefined) => void;
}

const [width, height] = [340, 128];
const margin = { left: 6, right: 6, top: 16, bottom: 18 };
const floor = height - margin.bottom;
const bins = 48;
/** Pixels around the threshold that take hold of it. */
const reach = 7;

/**
 * Scores of all images as bars stacked by label, with the threshold as a line that mouse and arrow keys move; dragging beside it selects a
 * range of scores. Heights follow the square root: a few anomalies must show beside many normal images.
 */
export function histogramChart({ onThreshold, onBrush }: HistogramEvents) {
  const bars = s('g', { class: 'bars' });
  const axis = s('g', { class: 'axis' });
  const brush = s('rect', { class: 'brush', y: margin.top, height: floor - margin.top, hidden: '' });
  const proposed = s('line', { class: 'proposed', y1: margin.top, y2: floor });
  const label = s('text', { class: 'value', y: 10 });
  const line = s(
    'g',
    { class: 'threshold', tabindex: 0, role: 'slider', 'aria-label': t('Image threshold'), 'data-testid': 'threshold' },
    s('rect', { class: 'grip', x: -reach, width: 2 * reach, y: 0, height: floor }),
    s('line', { y1: margin.top - 3, y2: floor }),
    s('path', { class: 'handle', d: `M-5 ${margin.top - 4} h10 l-5 6 z` }),
  );
  const svg = s(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, class: 'histogram', role: 'group', 'aria-label': t('Scores by label') },
    bars,
    axis,
    brush,
    proposed,
    label,
    line,
  );
  const element = h('div', { className: 'chart', data: { testid: 'histogram' } });
  element.append(svg);

  let shown: Results | undefined;
  let x = scaleLinear();
  let drag: { readonly what: 'threshold' | 'brush'; readonly from: number } | undefined;

  const valueAt = (event: PointerEvent): number => {
    const { left, width: wide } = svg.getBoundingClientRect();
    const value = x.invert(((event.clientX - left) / wide) * width);
    const [low, high] = x.domain();
    return Math.min(high!, Math.max(low!, value));
  };
  const step = (): number => {
    const [low, high] = x.domain();
    return niceStep((high! - low!) / 200);
  };
  const snapped = (value: number): number => Number((Math.round(value / step()) * step()).toFixed(6));

  svg.addEventListener('pointerdown', (event) => {
    if (!shown || event.button !== 0) return;
    const value = valueAt(event);
    const near = Math.abs(x(value) - x(shown.threshold)) <= reach;
    drag = { what: near ? 'threshold' : 'brush', from: value };
    svg.setPointerCapture(event.pointerId);
    if (near) line.focus();
    event.preventDefault();
  });
  svg.addEventListener('pointermove', (event) => {
    if (!drag) return;
    const value = valueAt(event);
    if (drag.what === 'threshold') onThreshold(snapped(value), true);
    else showBrush([Math.min(drag.from, value), Math.max(drag.from, value)]);
  });
  svg.addEventListener('pointerup', (event) => {
    if (!drag) return;
    const { what, from } = drag;
    drag = undefined;
    const value = valueAt(event);
    if (what === 'threshold') return onThreshold(snapped(value), false);
    const clicked = Math.abs(x(value) - x(from)) < 3;
    onBrush(clicked ? undefined : [Math.min(from, value), Math.max(from, value)]);
  });
  svg.addEventListener('pointercancel', () => (drag = undefined));
  line.addEventListener('keydown', (event) => {
    if (!shown || event.ctrlKey || event.metaKey || event.altKey) return;
    const [low, high] = x.domain();
    const size = step() * (event.shiftKey ? 10 : 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: shown.threshold - size,
      ArrowDown: shown.threshold - size,
      ArrowRight: shown.threshold + size,
      ArrowUp: shown.threshold + size,
      PageDown: shown.threshold - 10 * size,
      PageUp: shown.threshold + 10 * size,
      Home: low!,
      End: high!,
    };
    if (!Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    onThreshold(Math.min(high!, Math.max(low!, snapped(moves[event.key]!))), false);
  });

  function showBrush(scores: readonly [number, number] | undefined): void {
    brush.toggleAttribute('hidden', !scores);
    if (!scores) return;
    const [from, to] = [x(scores[0]), x(scores[1])];
    brush.setAttribute('x', String(from));
    brush.setAttribute('width', String(Math.max(1, to - from)));
  }

  const draw = memo((rows: Results['inspection']['rows'], labels: Results['labels'], top: number) => {
    const span = scoreSpan(rows, top);
    x = scaleLinear(span, [margin.left, width - margin.right]);
    const binned = scoreBins(rows, labels, span, bins);
    drawBars(bars, binned, x);
    drawAxis(axis, x);
  });

  return {
    element,
    update({ results, ui }: Shown): void {
      shown = results;
      if (!results) return;
      const { inspection, labels, thresholds, threshold } = results;
      draw(inspection.rows, labels, Math.max(thresholds.image.value, thresholds.calibrated.image));
      const at = x(threshold);
      line.setAttribute('transform', `translate(${at} 0)`);
      const [low, high] = x.domain();
      line.setAttribute('aria-valuemin', String(low));
      line.setAttribute('aria-valuemax', String(high));
      line.setAttribute('aria-valuenow', String(threshold));
      line.setAttribute('aria-valuetext', figures(threshold));
      label.textContent = figures(threshold);
      const anchor = at < 20 ? 'start' : at > width - 20 ? 'end' : 'middle';
      label.setAttribute('text-anchor', anchor);
      label.setAttribute('x', String(at));
      if (drag?.what !== 'brush') showBrush(ui.arrangement.scores);
      const chosen = results.proposals.find(({ kind }) => kind === ui.proposal);
      proposed.toggleAttribute('hidden', !chosen);
      if (!chosen) return;
      proposed.setAttribute('x1', String(x(chosen.threshold)));
      proposed.setAttribute('x2', String(x(chosen.threshold)));
    },
  };
}

function drawBars(group: SVGElement, binned: readonly ScoreBin[], x: (value: number) => number): void {
  const total = ({ counts }: ScoreBin) => counts.normal + counts.anomalous + counts.other;
  const y = scaleSqrt([0, Math.max(1, ...binned.map(total))], [0, floor - margin.top]);
  group.replaceChildren(
    ...binned.flatMap((each) => {
      const [left, right] = [x(each.low), x(each.high)];
      let below = 0;
      const title = barLabels.map((name) => `${barNames[name]()}: ${each.counts[name]}`).join('\n');
      return barLabels.flatMap((name) => {
        const count = each.counts[name];
        if (count === 0) return [];
        const [from, to] = [y(below), y(below + count)];
        below += count;
        const range = `${figures(each.low)} – ${figures(each.high)}`;
        return s(
          'rect',
          {
            class: name,
            x: left + 0.5,
            width: Math.max(0.5, right - left - 1),
            y: floor - to,
            height: Math.max(0.8, to - from),
          },
          Object.assign(s('title', {}), { textContent: `${range}\n${title}` }),
        );
      });
    }),
  );
}

function drawAxis(group: SVGElement, x: ReturnType<typeof scaleLinear<number>>): void {
  const ticks = x.ticks(5);
  const format = x.tickFormat(5);
  group.replaceChildren(
    s('line', { x1: margin.left, x2: width - margin.right, y1: floor, y2: floor }),
    ...ticks.map((tick) => text(format(tick), x(tick), floor + 13)),
  );
}

function text(content: string, x: number, y: number): SVGElement {
  const element = s('text', { x, y, 'text-anchor': 'middle' });
  element.textContent = content;
  return element;
}

export const barNames: Readonly<Record<(typeof barLabels)[number], () => string>> = {
  normal: () => t('Normal'),
  anomalous: () => t('Anomalous'),
  other: () => t('Not labelled'),
};
