import { colorTable } from '../../model/colorMap.ts';
import { h } from '../../ui/dom.ts';
import { figures, t } from '../../ui/l10n.ts';
import type { Shown } from '../shown.ts';

/** The colours in score units, with the pixel threshold marked. */
export function legend() {
  const bar = h('canvas', { width: 256, height: 1, className: 'colors', attrs: { 'aria-hidden': 'true' } });
  const tick = h('span', { className: 'tick' });
  const [low, unit, high] = [h('span'), h('span'), h('span')];
  const element = h(
    'div',
    { className: 'legend surface', data: { testid: 'legend' }, attrs: { role: 'img' } },
    h('div', { className: 'strip' }, bar, tick),
    h('div', { className: 'ends' }, low, unit, high),
  );
  let drawn = '';
  return {
    element,
    update({ judged, layer, view: { colorMap } }: Shown): void {
      element.hidden = !judged || !layer;
      if (!judged || !layer) return;
      if (drawn !== colorMap) drawColors(bar, (drawn = colorMap));
      const { range, kind } = layer;
      const place = (judged.pixelThreshold - range.low) / (range.high - range.low);
      tick.hidden = kind !== 'map' || !(place >= 0 && place <= 1);
      tick.style.left = `${100 * place}%`;
      low.textContent = figures(range.low);
      const texts: Readonly<Record<typeof kind, string>> = {
        map: t('{0}, threshold {1}', layer.unit, figures(judged.pixelThreshold)),
        stage: t('{0}, stage {1}', layer.unit, layer.name),
        attention: t('{0}, stage {1}', layer.unit, layer.name),
      };
      unit.textContent = texts[kind];
      high.textContent = figures(range.high);
      const label = t(
        'Colours of {0}: {1} to {2}, dark to bright',
        layer.name,
        figures(range.low),
        figures(range.high),
      );
      element.setAttribute('aria-label', label);
    },
  };
}

function drawColors(canvas: HTMLCanvasElement, name: Parameters<typeof colorTable>[0]): void {
  const table = colorTable(name);
  const pixels = new ImageData(256, 1);
  for (let i = 0; i < 256; i++) pixels.data.set([table[i * 3]!, table[i * 3 + 1]!, table[i * 3 + 2]!, 255], i * 4);
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
}
