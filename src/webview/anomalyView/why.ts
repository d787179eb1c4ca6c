import type { ShownNeighbour, StageNeighbours } from '../../protocol/anomalyView.ts';
import type { Detection } from '../../protocol/engine.ts';
import { h } from '../lib/dom.ts';
import { figures, t } from '../lib/l10n.ts';
import { valueAt, wholeMap } from '../lib/maps.ts';
import { drawPicture, loadPicture, pictureCache, type Picture } from '../lib/picture.ts';
import { stageName } from './layers.ts';
import { judge, type Model, type Place } from './model.ts';

export interface WhyEvents {
  readonly onOpen: (path: string) => void;
  /** PNG of an image that the page can't load. */
  readonly picture: (path: string) => Promise<Uint8Array>;
}

/** The nearest normal patches of the chosen place, for each stage, as crops of the images they came from. */
export function whySection({ onOpen, picture }: WhyEvents) {
  const cached = pictureCache();
  const hint = h(
    'p',
    { className: 'note' },
    t('Click the image, or move with the arrow keys, to see the most similar normal patches.'),
  );
  const place = h('p', { className: 'place', data: { testid: 'place' } });
  const stages = h('div', { className: 'stages', data: { testid: 'neighbours' } });
  const element = h(
    'section',
    { attrs: { 'aria-labelledby': 'why-title' } },
    h('h3', { id: 'why-title' }, t('Why here?')),
    hint,
    place,
    stages,
  );
  let drawn: unknown;

  const source = ({ image, uri }: ShownNeighbour): Promise<Picture> =>
    cached(image, () => loadPicture(uri, () => picture(image)));

  function tile(neighbour: ShownNeighbour, rank: number): HTMLElement {
    const { image, left, top, similarity } = neighbour;
    const name = image.replace(/^.*[\\/]/, '');
    const label = t(
      'Normal patch {0}: similarity {1}, {2} at {3}, {4}',
      rank,
      figures(similarity),
      name,
      Math.round(left),
      Math.round(top),
    );
    const canvas = h('canvas', { className: 'crop', width: crop, height: crop, attrs: { 'aria-hidden': 'true' } });
    source(neighbour).then(
      (loaded) => drawCrop(canvas, loaded, neighbour),
      () => canvas.classList.add('missing'),
    );
    return h(
      'button',
      {
        type: 'button',
        className: 'tile',
        title: label,
        data: { testid: 'neighbour' },
        attrs: { 'aria-label': label },
        on: { click: () => onOpen(image) },
      },
      canvas,
      h('span', {}, figures(similarity)),
    );
  }

  return {
    element,
    update(model: Model): void {
      const judged = judge(model);
      element.hidden = !judged;
      if (!judged) return;
      const { probe, neighbours, neighboursFailure, picture: own } = model;
      const { detection, pixelThreshold } = judged;
      hint.hidden = probe !== undefined;
      place.hidden = !probe;
      if (probe) place.textContent = placeText(model, probe);
      const wanted = neighboursFailure ?? neighbours;
      if (drawn === wanted) return;
      drawn = wanted;
      if (neighboursFailure !== undefined) stages.replaceChildren(h('p', { className: 'failure' }, neighboursFailure));
      else
        stages.replaceChildren(
          ...byAlarm(neighbours ?? [], detection, probe).map(({ name, value, neighbours: list, stage }) =>
            h(
              'div',
              { className: 'neighbours', title: stage, attrs: { role: 'group', 'aria-label': t('Stage {0}', name) } },
              h(
                'h4',
                {},
                t('Stage {0}', name),
                h('span', { className: value > pixelThreshold ? 'anomalous' : '' }, figures(value)),
              ),
              h(
                'div',
                { className: 'tiles' },
                ...(own && probe && list[0] ? [here(own, probe, list[0])] : []),
                ...list.map((neighbour, index) => tile(neighbour, index + 1)),
              ),
            ),
          ),
        );
    },
  };
}

/** The stages with their value at the place, the loudest first. */
function byAlarm(all: readonly StageNeighbours[], { stages, original }: Detection, probe: Place | undefined) {
  const found = all.map((stage) => {
    const index = stages.findIndex(({ name }) => name === stage.stage);
    const result = stages[index];
    return {
      ...stage,
      name: result ? stageName(index, result, original) : stage.stage,
      value: result && probe ? valueAt(result.anomalyMap, probe.x, probe.y) : 0,
    };
  });
  return found.sort((a, b) => b.value - a.value);
}

/** The chosen place at the scale of the patches, to compare with. */
function here(picture: Picture, { x, y }: Place, like: ShownNeighbour): HTMLElement {
  const canvas = h('canvas', { className: 'crop', width: crop, height: crop, attrs: { 'aria-hidden': 'true' } });
  const { width, height } = like;
  drawCrop(canvas, picture, {
    left: x * picture.width - width / 2,
    top: y * picture.height - height / 2,
    width,
    height,
  });
  return h('div', { className: 'tile here' }, canvas, h('span', {}, t('here')));
}

/** Place in pixels and the map's value there, in words. */
export function placeText(model: Model, { x, y }: Place): string {
  const judged = judge(model);
  if (!judged) return '';
  const { detection, pixelThreshold } = judged;
  const value = valueAt(wholeMap(detection), x, y);
  const [px, py] = [Math.floor(x * detection.original.width), Math.floor(y * detection.original.height)];
  return value > pixelThreshold
    ? t('At {0}, {1}: {2}, above the pixel threshold {3}', px, py, figures(value), figures(pixelThreshold))
    : t('At {0}, {1}: {2}, not above the pixel threshold {3}', px, py, figures(value), figures(pixelThreshold));
}

/** Drawn at twice its size on the page, for dense screens. */
const crop = 96;
/** Surroundings, in patches to each side. */
const around = 1;

type Patch = Pick<ShownNeighbour, 'left' | 'top' | 'width' | 'height'>;

/** The patch in a frame, with its surroundings. */
function drawCrop(canvas: HTMLCanvasElement, picture: Picture, { left, top, width, height }: Patch): void {
  const context = canvas.getContext('2d')!;
  const size = Math.max(width, height) * (1 + 2 * around);
  const [cx, cy] = [left + width / 2, top + height / 2];
  const scale = crop / size;
  const view = { scale, x: crop / 2 - cx * scale, y: crop / 2 - cy * scale };
  drawPicture(context, picture, view, { width: crop, height: crop }, true);
  const frame = [view.x + left * scale, view.y + top * scale, width * scale, height * scale] as const;
  context.strokeStyle = 'rgb(0 0 0 / 70%)';
  context.lineWidth = 5;
  context.strokeRect(...frame);
  context.strokeStyle = '#fff';
  context.lineWidth = 2;
  context.strokeRect(...frame);
}
