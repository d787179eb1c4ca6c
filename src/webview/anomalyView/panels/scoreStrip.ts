import { s } from '../../ui/dom.ts';
import { figures, t } from '../../ui/l10n.ts';
import type { Judgement } from '../shown.ts';

const width = 264;
const height = 56;
const bins = 24;

/** Scores of held-out normal images as bars, the threshold as a line, this image as a triangle. */
export function scoreStrip({ detection: { score, detector }, imageThreshold, anomalous }: Judgement): SVGElement {
  const scores = detector.calibrationScores;
  const low = Math.min(0, score, ...scores);
  const high = Math.max(1.6 * imageThreshold, score, ...scores) * 1.04 || 1;
  const x = (value: number) => Math.min(width - 6, Math.max(6, ((value - low) / (high - low)) * width));
  const counts = new Array<number>(bins).fill(0);
  for (const value of scores) counts[Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))]! += 1;
  const most = Math.max(1, ...counts);
  const floor = height - 10;
  const label = t(
    'Scores of {0} normal images reach {1}; the threshold is {2}; this image has {3}.',
    scores.length,
    figures(scores.at(-1) ?? 0),
    figures(imageThreshold),
    figures(score),
  );
  const bars = counts.map((count, index) => {
    const bar = (count / most) * (floor - 8);
    return s('rect', {
      class: 'bar',
      x: (index * width) / bins + 0.5,
      y: floor - bar,
      width: width / bins - 1,
      height: bar,
      rx: 1,
    });
  });
  const at = x(score);
  return s(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, class: 'histogram', role: 'img', 'aria-label': label },
    ...bars,
    s('line', { class: 'axis', x1: 0, x2: width, y1: floor, y2: floor }),
    s('line', { class: 'threshold', x1: x(imageThreshold), x2: x(imageThreshold), y1: 2, y2: floor }),
    s('path', {
      class: `mark ${anomalous ? 'anomalous' : 'normal'}`,
      d: `M${at} ${floor - 3} l5 9 h-10 z`,
    }),
  );
}
