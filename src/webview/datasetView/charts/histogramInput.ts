import { brushed, heldAt, movedByKey, scoreAt, snapped, type ScoreScale } from './histogramModel.ts';

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
 * @param shown the scale and the threshold; undefined while there is nothing to point at
 */
export function histogramInput(
  svg: SVGElement,
  line: SVGElement,
  shown: () => { readonly x: ScoreScale; readonly at: number } | undefined,
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
    const from = scoreOf(event, now.x);
    drag = { what: heldAt(now.x, from, now.at), from };
    svg.setPointerCapture(event.pointerId);
    if (drag.what === 'threshold') line.focus();
    event.preventDefault();
  });
  svg.addEventListener('pointermove', (event) => {
    const now = shown();
    if (!drag || !now) return;
    const score = scoreOf(event, now.x);
    if (drag.what === 'threshold') onThreshold(snapped(now.x, score), true);
    else onBrushing([Math.min(drag.from, score), Math.max(drag.from, score)]);
  });
  svg.addEventListener('pointerup', (event) => {
    const now = shown();
    if (!drag || !now) return;
    const { what, from } = drag;
    drag = undefined;
    const score = scoreOf(event, now.x);
    if (what === 'threshold') onThreshold(snapped(now.x, score), false);
    else onBrush(brushed(now.x, from, score));
  });
  svg.addEventListener('pointercancel', () => (drag = undefined));
  line.addEventListener('keydown', (event) => {
    const now = shown();
    if (!now || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = movedByKey(now.x, now.at, event.key, event.shiftKey);
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
