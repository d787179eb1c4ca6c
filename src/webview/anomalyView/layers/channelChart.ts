import { share } from '../../model/colorMap.ts';
import { h, s } from '../../ui/dom.ts';
import { figures, t } from '../../ui/l10n.ts';
import { extremes } from './maps.ts';

const chart = { width: 264, height: 34 };

/** Channel weights in order of channel, 0 … 1. */
export function channelChart(name: string, weights: Float32Array): HTMLElement {
  const { low, high } = extremes(weights);
  const mean = weights.reduce((sum, value) => sum + value, 0) / weights.length;
  const label = t(
    '{0} channel weights from {1} to {2}, {3} on average',
    weights.length,
    figures(low),
    figures(high),
    figures(mean),
  );
  const step = chart.width / weights.length;
  const bars = Array.from(weights, (weight, index) => {
    const bar = Math.max(0.5, share(weight, { low: 0, high: 1 }) * chart.height);
    return s('rect', {
      class: 'weight',
      x: index * step,
      y: chart.height - bar,
      width: Math.max(0.4, step * 0.85),
      height: bar,
    });
  });
  const svg = s(
    'svg',
    { viewBox: `0 0 ${chart.width} ${chart.height}`, role: 'img', 'aria-label': label, preserveAspectRatio: 'none' },
    ...bars,
  );
  return h(
    'figure',
    { data: { testid: 'channels' } },
    svg,
    h('figcaption', {}, t('Channels of {0}: {1}', name, label)),
  );
}
