import { share } from '../lib/colorMap.ts';
import { h, s } from '../lib/dom.ts';
import { figures, t } from '../lib/l10n.ts';
import { extremes } from '../lib/maps.ts';
import { mapCanvas } from './canvas.ts';
import { layersOf, stageName, type Layer } from './layers.ts';
import { judge, shownLayer, viewOf, type Model } from './model.ts';

/** The maps that can lie over the image, as thumbnails: which scale raised the alarm, and what was attended to. */
export function layerSection(onChoose: (id: string) => void) {
  const maps = h('div', { className: 'layers' });
  const attention = h('div', { className: 'layers' });
  const channels = h('div', { className: 'channels' });
  const none = h('p', { className: 'note' });
  const attentionTitle = h('h3', {}, t('What it attended to'));
  const group = { role: 'radiogroup', 'aria-label': t('Map over the image') };
  const element = h(
    'section',
    {},
    h('div', { attrs: group }, h('h3', {}, t('Which scale raised the alarm')), maps, attentionTitle, attention),
    none,
    channels,
  );
  let drawn: readonly unknown[] = [];
  return {
    element,
    update(model: Model): void {
      const judged = judge(model);
      element.hidden = !judged;
      if (!judged) return;
      const { detection, pixelThreshold } = judged;
      const { colorMap, range } = viewOf(model);
      const shown = shownLayer(model);
      const wanted = [detection, pixelThreshold, colorMap, range];
      if (wanted.some((value, index) => value !== drawn[index])) {
        drawn = wanted;
        const layers = layersOf(detection, pixelThreshold, range);
        const options = (kinds: readonly Layer['kind'][]) =>
          layers.filter(({ kind }) => kinds.includes(kind)).map((layer) => thumbnail(layer, colorMap, onChoose));
        maps.replaceChildren(...options(['map', 'stage']));
        attention.replaceChildren(...options(['attention']));
        none.textContent =
          detection.detector.mode === 'instant'
            ? t('Instant mode has no attention: it compares patches only. Train a distilled detector to see it.')
            : '';
        none.hidden = none.textContent === '';
        channels.replaceChildren(
          ...detection.stages.flatMap((stage, index) =>
            stage.channelAttention
              ? [channelChart(stageName(index, stage, detection.original), stage.channelAttention)]
              : [],
          ),
        );
      }
      for (const input of element.querySelectorAll('input')) input.checked = input.value === shown?.id;
    },
  };
}

const side = 76;

function thumbnail(
  { id, name, map, range, kind, stage }: Layer,
  colorMap: Parameters<typeof mapCanvas>[2],
  onChoose: (id: string) => void,
) {
  const canvas = h('canvas', { className: 'thumbnail', attrs: { 'aria-hidden': 'true' } });
  const scale = side / Math.max(map.width, map.height);
  canvas.width = Math.round(map.width * scale);
  canvas.height = Math.round(map.height * scale);
  canvas.getContext('2d')!.drawImage(mapCanvas(map, range, colorMap, false), 0, 0, canvas.width, canvas.height);
  const peak = extremes(map.data).high;
  return h(
    'label',
    { className: 'layer', title: t('{0}: at most {1} ({2})', name, figures(peak), stage?.name ?? t('all stages')) },
    h('input', {
      type: 'radio',
      name: 'layer',
      value: id,
      data: { testid: `layer-${id}` },
      on: { change: () => onChoose(id) },
    }),
    canvas,
    h('span', { className: 'name' }, name),
    ...(kind === 'attention' ? [] : [h('span', { className: 'peak' }, figures(peak))]),
  );
}

const chart = { width: 264, height: 34 };

/** Channel weights in order of channel, 0 … 1. */
function channelChart(name: string, weights: Float32Array): HTMLElement {
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
