import type { Histogram, ScoreScale } from '../../../charts/histogram.ts';
import { brushed, heldAt, movedByKey, scoreAt, snapped } from './histogramModel.ts';

export interface HistogramEvents {
  /** @param dragging whether more is to come */
  readonly onThreshold: (value: number, dragging: boolean) => void;
  readonly onBrush: (scores: readonly [number, number] | undefined) => void;
}

interface InputEvents extends HistogramEvents {
  /** While a range is being dragged. */
  readonly onBrushing: (scores: readonly [number, number]) => void;
}

/**
 * Mouse and arrow keys move the threshold; dragging beside it selects a range of scores, a click
 * takes that back.
 * @param shown the histogram and the threshold; undefined while there is nothing to point at
 */
export function histogramInput(
  svg: SVGElement,
  line: SVGElement,
  shown: () => { readonly histogram: Histogram; readonly threshold: number } | undefined,
  { onThreshold, onBrush, onBrushing }: InputEvents,
) {
  let drag: { readonly what: 'threshold' | 'brush'; readonly from: number } | undefined;

  const scoreOf = (event: PointerEvent, x: ScoreScale): number => {
    const { left, width } = svg.getBoundingClientRect();
    return scoreAt(x, (event.clientX - left) / width);
  };
  svg.addEventListener('pointerdown', (event) => {
    const now = shown();
    if (!now || event.button !== 0) return;
    const from = scoreOf(event, now.histogram.x);
    drag = { what: heldAt(now.histogram.x, from, now.threshold), from };
    svg.setPointerCapture(event.pointerId);
    if (drag.what === 'threshold') line.focus();
    event.preventDefault();
  });
  svg.addEventListener('pointermove', (event) => {
    const now = shown();
    if (!drag || !now) return;
    const score = scoreOf(event, now.histogram.x);
    if (drag.what === 'threshold') onThreshold(snapped(now.histogram.x, score), true);
    else onBrushing([Math.min(drag.from, score), Math.max(drag.from, score)]);
  });
  svg.addEventListener('pointerup', (event) => {
    const now = shown();
    if (!drag || !now) return;
    const { what, from } = drag;
    drag = undefined;
    const score = scoreOf(event, now.histogram.x);
    if (what === 'threshold') onThreshold(snapped(now.histogram.x, score), false);
    else onBrush(brushed(now.histogram, from, score));
  });
  svg.addEventListener('pointercancel', () => (drag = undefined));
  line.addEventListener('keydown', (event) => {
    const now = shown();
    if (!now || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = movedByKey(now.histogram.x, now.threshold, event.key, event.shiftKey);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onThreshold(to, false);
  });
  return {
    get brushing(): boolean {
      return drag?.what === 'brush';
    },
  };
}
