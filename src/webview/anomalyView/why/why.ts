import type { ShownNeighbour, StageNeighbours } from '../../../protocol/anomalyView.ts';
import type { Detection } from '../../../protocol/engine.ts';
import { h } from '../../ui/dom.ts';
import { figures, t } from '../../ui/l10n.ts';
import { loadPicture, pictureCache, type Picture } from '../image/picture.ts';
import { stageName } from '../layers/layers.ts';
import { valueAt } from '../layers/maps.ts';
import type { Judgement, Place, Shown } from '../shown.ts';
import { cropCanvas, drawCrop } from './crop.ts';
import { placeText } from './placeText.ts';

export interface WhyEvents {
  readonly onOpen: (path: string) => void;
  /** PNG of an image that the page can't load. */
  readonly picture: (path: string) => Promise<Uint8Array>;
}

/**
 * The nearest normal patches of the chosen place, for each stage, as crops of the images they came
 * from.
 */
export function whySection({ onOpen, picture }: WhyEvents) {
  const cached = pictureCache();
  const source = ({ image, uri }: ShownNeighbour) => cached(image, () => loadPicture(uri, () => picture(image)));
  const hint = h(
    'p',
    { className: 'note' },
    t('Click the image, or move with the arrow keys, to see the most similar normal patches.'),
  );
  const place = h('p', { className: 'place', data: { testid: 'place' } });
  const stages = h('div', { className: 'stages', data: { testid: 'neighbours' } });
  const attrs = { 'aria-labelledby': 'why-title' };
  const element = h('section', { attrs }, h('h3', { id: 'why-title' }, t('Why here?')), hint, place, stages);
  let drawn: unknown;
  return {
    element,
    update(shown: Shown): void {
      const { judged, probe, neighbours, neighboursFailure } = shown;
      element.hidden = !judged;
      if (!judged) return;
      hint.hidden = probe !== undefined;
      place.hidden = !probe;
      if (probe) place.textContent = placeText(shown, probe);
      const wanted = neighboursFailure ?? neighbours;
      if (drawn === wanted) return;
      drawn = wanted;
      if (neighboursFailure !== undefined) stages.replaceChildren(h('p', { className: 'failure' }, neighboursFailure));
      else {
        const tile = (neighbour: ShownNeighbour, index: number) =>
          neighbourTile(neighbour, index + 1, source(neighbour), onOpen);
        const found = byAlarm(neighbours ?? [], judged.detection, probe);
        stages.replaceChildren(...found.map((stage) => stageRow(stage, judged, hereTile(shown, stage), tile)));
      }
    },
  };
}

/** A stage with its value at the place. */
interface StageAt extends StageNeighbours {
  readonly name: string;
  readonly value: number;
}

/** The stages with their value at the place, the loudest first. */
function byAlarm(
  all: readonly StageNeighbours[],
  { stages, original }: Detection,
  probe: Place | undefined,
): StageAt[] {
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

function stageRow(
  { name, value, stage, neighbours }: StageAt,
  { pixelThreshold }: Judgement,
  here: HTMLElement | undefined,
  tile: (neighbour: ShownNeighbour, index: number) => HTMLElement,
): HTMLElement {
  const attrs = { role: 'group', 'aria-label': t('Stage {0}', name) };
  const loud = h('span', { className: value > pixelThreshold ? 'anomalous' : '' }, figures(value));
  return h(
    'div',
    { className: 'neighbours', title: stage, attrs },
    h('h4', {}, t('Stage {0}', name), loud),
    h('div', { className: 'tiles' }, ...(here ? [here] : []), ...neighbours.map(tile)),
  );
}

/** A patch as a button that opens its image. */
function neighbourTile(
  neighbour: ShownNeighbour,
  rank: number,
  source: Promise<Picture>,
  onOpen: WhyEvents['onOpen'],
): HTMLElement {
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
  const canvas = cropCanvas();
  source.then(
    (loaded) => drawCrop(canvas, loaded, neighbour),
    () => canvas.classList.add('missing'),
  );
  const [attrs, data] = [{ 'aria-label': label }, { testid: 'neighbour' }];
  return h(
    'button',
    { type: 'button', className: 'tile', title: label, data, attrs, on: { click: () => onOpen(image) } },
    canvas,
    h('span', {}, figures(similarity)),
  );
}

/** The chosen place at the scale of the stage's patches, to compare with. */
function hereTile({ picture, probe }: Shown, { neighbours: [like] }: StageAt): HTMLElement | undefined {
  if (!picture || !probe || !like) return undefined;
  const canvas = cropCanvas();
  const { width, height } = like;
  const [left, top] = [probe.x * picture.width - width / 2, probe.y * picture.height - height / 2];
  drawCrop(canvas, picture, { left, top, width, height });
  return h('div', { className: 'tile here' }, canvas, h('span', {}, t('here')));
}
