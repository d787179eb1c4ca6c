import { h } from '../lib/dom.ts';
import { figures, t } from '../lib/l10n.ts';
import { extremes, wholeMap } from '../lib/maps.ts';
import { judge, type Judgement, type Model } from './model.ts';

type Which = 'image' | 'pixel';

export interface ThresholdEvents {
  readonly onDraft: (draft: Model['draft']) => void;
  /** Values to save; null: back to the calibrated one. */
  readonly onSave: (values: { readonly image?: number | null; readonly pixel?: number | null }) => void;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** Sliders for the image and the pixel threshold; what they are moved to counts at once, and can be saved. */
export function thresholdSection({ onDraft, onSave }: ThresholdEvents) {
  let model: Model | undefined;
  const sliders: Readonly<Record<Which, ReturnType<typeof slider>>> = {
    image: slider('image', t('Image'), (value) => onDraft({ ...model?.draft, image: value })),
    pixel: slider('pixel', t('Pixel (contour)'), (value) => onDraft({ ...model?.draft, pixel: value })),
  };
  const save = h(
    'button',
    { type: 'button', className: 'primary', data: { testid: 'save' }, on: { click: () => onSave(model?.draft ?? {}) } },
    t('Save to settings…'),
  );
  const undo = h('button', { type: 'button', data: { testid: 'undo' }, on: { click: () => onDraft({}) } }, t('Undo'));
  const calibrated = h(
    'button',
    {
      type: 'button',
      data: { testid: 'calibrated' },
      title: t('Removes the thresholds from the settings'),
      on: { click: () => onSave({ image: null, pixel: null }) },
    },
    t('Use calibrated'),
  );
  const element = h(
    'section',
    { attrs: { 'aria-labelledby': 'thresholds-title' } },
    h('h3', { id: 'thresholds-title' }, t('Thresholds')),
    sliders.image.element,
    sliders.pixel.element,
    h('div', { className: 'buttons' }, save, undo, calibrated),
  );
  return {
    element,
    update(now: Model): void {
      model = now;
      const judged = judge(now);
      element.hidden = !judged;
      if (!judged) return;
      for (const which of ['image', 'pixel'] as const) sliders[which].update(judged, now);
      const moved = now.draft.image !== undefined || now.draft.pixel !== undefined;
      save.disabled = !moved;
      undo.hidden = !moved;
      const { image, pixel } = now.state.thresholds!;
      calibrated.hidden = moved || (image.origin === 'calibrated' && pixel.origin === 'calibrated');
    },
  };
}

function slider(which: Which, name: string, onInput: (value: number) => void) {
  const id = `threshold-${which}`;
  const input = h('input', {
    id,
    type: 'range',
    min: '0',
    data: { testid: id },
    on: { input: () => onInput(rounded(input.valueAsNumber)) },
  });
  const output = h('output', { htmlFor: id as never, className: 'value', data: { testid: `${id}-value` } });
  const element = h('div', { className: 'slider' }, h('label', { htmlFor: id }, name), output, input);
  return {
    element,
    update(judged: Judgement, model: Model): void {
      const value = which === 'image' ? judged.imageThreshold : judged.pixelThreshold;
      const top = reach(which, judged, model);
      input.max = String(top);
      input.step = String(top > 20 ? top / 1000 : 0.01);
      // While it is dragged, its value is the user's.
      if (model.draft[which] === undefined) input.value = String(value);
      input.setAttribute('aria-valuetext', figures(value));
      output.value = figures(value);
    },
  };
}

/** Twice what is calibrated, and room for what this image has. */
function reach(which: Which, { detection }: Judgement, { state: { thresholds } }: Model): number {
  const { calibrated, image, pixel } = thresholds!;
  const own = which === 'image' ? detection.score : extremes(wholeMap(detection).data).high;
  const saved = which === 'image' ? image.value : pixel.value;
  return Math.ceil(Math.max(2 * calibrated[which], 1.15 * own, saved, 0.1) * 10) / 10;
}
