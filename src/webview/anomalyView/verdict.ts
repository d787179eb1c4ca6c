import { h, icon, s } from '../lib/dom.ts';
import { figures, t } from '../lib/l10n.ts';
import { judge, type Judgement, type Model } from './model.ts';

/** The verdict in words, the score against the threshold, and where both lie among normal images. */
export function verdictSection() {
  const title = h('h2', { className: 'verdict', data: { testid: 'verdict' } });
  const score = h('p', { className: 'score' });
  const promise = h('p', { className: 'note' });
  const chart = h('div', { className: 'chart' });
  const about = h('p', { className: 'note', data: { testid: 'detector' } });
  const element = h('section', { attrs: { 'aria-label': t('Verdict') } }, title, score, chart, promise, about);
  return {
    element,
    update(model: Model): void {
      const judged = judge(model);
      element.hidden = !judged;
      if (!judged) return;
      const { detection, imageThreshold, anomalous } = judged;
      const { detector, elapsedMs, executionProvider } = detection;
      title.className = `verdict ${anomalous ? 'anomalous' : 'normal'}`;
      title.replaceChildren(icon(anomalous ? 'anomalous' : 'normal'), anomalous ? t('Anomalous') : t('Normal'));
      score.replaceChildren(
        h('strong', { data: { testid: 'score' } }, figures(detection.score)),
        anomalous
          ? t(' is above the threshold {0}', figures(imageThreshold))
          : t(' is not above the threshold {0}', figures(imageThreshold)),
      );
      chart.replaceChildren(histogram(judged));
      promise.textContent = promiseText(model);
      about.textContent = t(
        '{0} ({1}), {2} normal images · {3} · {4} ms',
        detector.name,
        detector.mode === 'instant' ? t('instant') : t('distilled'),
        detector.normalImages,
        executionProvider,
        Math.round(elapsedMs),
      );
    },
  };
}

function promiseText({ state: { thresholds, detection }, draft }: Model): string {
  if (!thresholds || !detection) return '';
  if (draft.image !== undefined) return t('Threshold moved, not saved.');
  if (thresholds.image.origin === 'settings') {
    return t('Threshold from the settings; calibrated: {0}.', figures(thresholds.calibrated.image));
  }
  const rate = Number((100 * thresholds.falseAlarmRate).toPrecision(2));
  const count = detection.detector.calibrationScores.length;
  return thresholds.promised
    ? t('Calibrated: at most {0} % of normal images lie above.', rate)
    : t('Calibrated on {0} normal images only: no better than {1} % false alarms can be promised.', count, rate);
}

const width = 264;
const height = 56;
const bins = 24;

/** Scores of held-out normal images as bars, the threshold as a line, this image as a triangle. */
function histogram({ detection: { score, detector }, imageThreshold, anomalous }: Judgement): SVGElement {
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
