import { maskShare } from '../../../dataset/maskRuns.ts';
import { isStretched } from '../../../maps/shape.ts';
import type { Breach } from '../../../verdict/rules.ts';
import { h } from '../../ui/dom.ts';
import { icon } from '../../ui/icons.ts';
import { figures, t } from '../../ui/l10n.ts';
import { areaText } from '../regionChoice.ts';
import type { Shown } from '../shown.ts';
import { scoreStrip } from './scoreStrip.ts';

/**
 * The verdict in words, the score against the threshold, and where both lie among normal images.
 */
export function verdictSection() {
  const title = h('h2', { className: 'verdict', data: { testid: 'verdict' } });
  const score = h('p', { className: 'score' });
  const rules = h('ul', { className: 'breaches', data: { testid: 'breaches' } });
  const promise = h('p', { className: 'note' });
  const chart = h('div', { className: 'chart' });
  const about = h('p', { className: 'note', data: { testid: 'detector' } });
  const roi = h('p', { className: 'note', data: { testid: 'roi' } });
  const stretched = h('p', { className: 'note', data: { testid: 'stretched' } });
  const parts = [title, score, rules, chart, promise, about, stretched, roi];
  const element = h('section', { attrs: { 'aria-label': t('Verdict') } }, ...parts);
  return {
    element,
    update(shown: Shown): void {
      const { judged } = shown;
      element.hidden = !judged;
      if (!judged) return;
      const { detection, imageThreshold, anomalous, breaches } = judged;
      const { detector, elapsedMs, executionProvider, original } = detection;
      title.className = `verdict ${anomalous ? 'anomalous' : 'normal'}`;
      title.replaceChildren(icon(anomalous ? 'anomalous' : 'normal'), anomalous ? t('Anomalous') : t('Normal'));
      score.replaceChildren(
        h('strong', { data: { testid: 'score' } }, figures(detection.score)),
        breaches.some(({ rule }) => rule === 'score')
          ? t(' is above the threshold {0}', figures(imageThreshold))
          : t(' is not above the threshold {0}', figures(imageThreshold)),
      );
      const broken = breaches.flatMap((breach) => breachTexts[breach.rule]?.(breach) ?? []);
      rules.replaceChildren(...broken.map((text) => h('li', {}, text)));
      rules.hidden = broken.length === 0;
      chart.replaceChildren(scoreStrip(judged));
      promise.textContent = promiseText(shown);
      about.textContent = t(
        '{0} ({1}), {2} normal images · {3} · {4} ms',
        detector.name,
        detector.mode === 'instant' ? t('instant') : t('distilled'),
        detector.normalImages,
        executionProvider,
        Math.round(elapsedMs),
      );
      stretched.hidden = !isStretched(original, detector.input);
      stretched.textContent = t(
        'Of another shape than what the detector was trained for ({0} × {1}): the image is stretched to it.',
        detector.input.width,
        detector.input.height,
      );
      roi.hidden = detector.roi === undefined;
      if (detector.roi)
        roi.textContent = t(
          'Looks at {0} % of the image; what is grey and striped counts nowhere.',
          Number((100 * maskShare(detector.roi)).toPrecision(2)),
        );
    },
  };
}

/** The score's is the line above. */
const breachTexts: Readonly<Record<Breach['rule'], ((breach: Breach) => string) | undefined>> = {
  score: undefined,
  regions: ({ value, limit }) =>
    value === 1 ? t('1 region, at most {0} allowed', limit) : t('{0} regions, at most {1} allowed', value, limit),
  totalArea: ({ value, limit }) => t('{0} px² in all regions, at most {1} allowed', areaText(value), areaText(limit)),
};

function promiseText({ state: { thresholds, detection }, draft }: Shown): string {
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
