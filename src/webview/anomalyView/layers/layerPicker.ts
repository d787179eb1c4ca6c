import type { Detection } from '../../../protocol/engine.ts';
import type { ColorMapName } from '../../model/colorMap.ts';
import { memo } from '../../model/memo.ts';
import { h } from '../../ui/dom.ts';
import { figures, t } from '../../ui/l10n.ts';
import type { Shown } from '../shown.ts';
import { channelChart } from './channelChart.ts';
import { stageName, type Layer } from './layers.ts';
import { mapCanvas } from './mapCanvas.ts';
import { extremes } from './maps.ts';

/**
 * The maps that can lie over the image, as thumbnails: which scale raised the alarm, and what was
 * attended to.
 */
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
  const draw = memo((detection: Detection, layers: readonly Layer[], colorMap: ColorMapName) => {
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
  });
  return {
    element,
    update({ judged, layers, layer: chosen, view: { colorMap } }: Shown): void {
      element.hidden = !judged;
      if (!judged) return;
      draw(judged.detection, layers, colorMap);
      for (const input of element.querySelectorAll('input')) input.checked = input.value === chosen?.id;
    },
  };
}

const side = 76;

function thumbnail(
  { id, name, map, range, kind, stage }: Layer,
  colorMap: ColorMapName,
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
