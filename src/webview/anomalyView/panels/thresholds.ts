import { button, slider } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { figures, t } from '../../ui/l10n.ts';
import { extremes, wholeMap } from '../layers/maps.ts';
import type { Judgement, Shown } from '../shown.ts';

type Which = 'image' | 'pixel';

export interface ThresholdEvents {
  readonly onDraft: (draft: Shown['draft']) => void;
  /** Values to save; null: back to the calibrated one. */
  readonly onSave: (values: { readonly image?: number | null; readonly pixel?: number | null }) => void;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/**
 * Sliders for the image and the pixel threshold; what they are moved to counts at once, and can be
 * saved.
 */
export function thresholdSection({ onDraft, onSave }: ThresholdEvents) {
  let shown: Shown | undefined;
  const sliders: Readonly<Record<Which, ReturnType<typeof thresholdSlider>>> = {
    image: thresholdSlider('image', t('Image'), (value) => onDraft({ ...shown?.draft, image: value })),
    pixel: thresholdSlider('pixel', t('Pixel (contour)'), (value) => onDraft({ ...shown?.draft, pixel: value })),
  };
  const save = button(t('Save to settings…'), { id: 'save', primary: true }, () => onSave(shown?.draft ?? {}));
  const undo = button(t('Undo'), { id: 'undo' }, () => onDraft({}));
  const calibrated = button(
    t('Use calibrated'),
    { id: 'calibrated', title: t('Removes the thresholds from the settings') },
    () => onSave({ image: null, pixel: null }),
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
    update(now: Shown): void {
      shown = now;
      const { judged } = now;
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

function thresholdSlider(which: Which, name: string, onInput: (value: number) => void) {
  const id = `threshold-${which}`;
  const input = slider(id, { min: 0 }, (value) => onInput(rounded(value)));
  const output = h('output', { htmlFor: id as never, className: 'value', data: { testid: `${id}-value` } });
  const element = h('div', { className: 'slider' }, h('label', { htmlFor: id }, name), output, input);
  return {
    element,
    update(judged: Judgement, now: Shown): void {
      const value = which === 'image' ? judged.imageThreshold : judged.pixelThreshold;
      const top = reach(which, judged, now);
      input.max = String(top);
      input.step = String(top > 20 ? top / 1000 : 0.01);
      // While it is dragged, its value is the user's.
      if (now.draft[which] === undefined) input.value = String(value);
      input.setAttribute('aria-valuetext', figures(value));
      output.value = figures(value);
    },
  };
}

/** Twice what is calibrated, and room for what this image has. */
function reach(which: Which, { detection }: Judgement, { state: { thresholds } }: Shown): number {
  const { calibrated, image, pixel } = thresholds!;
  const own = which === 'image' ? detection.score : extremes(wholeMap(detection).data).high;
  const saved = which === 'image' ? image.value : pixel.value;
  return Math.ceil(Math.max(2 * calibrated[which], 1.15 * own, saved, 0.1) * 10) / 10;
}
