import { colorMaps, layouts, type Action, type UiState, type ViewerSettings } from '../../../protocol/anomalyView.ts';
import type { ColorMapName } from '../../model/colorMap.ts';
import { checkbox, field, optionsOf, select, slider, tool } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import type { Shown } from '../shown.ts';

export interface ToolbarEvents {
  readonly onUi: (change: UiState) => void;
  readonly onAct: (action: Action) => void;
  readonly onFit: () => void;
  readonly onActualSize: () => void;
  readonly onCopy: () => void;
  readonly onMask: () => void;
  readonly onHelp: () => void;
}

const layoutNames: Readonly<Record<(typeof layouts)[number], () => string>> = {
  overlay: () => t('Overlay'),
  sideBySide: () => t('Side by side'),
  flicker: () => t('Flicker'),
};

const colorMapNames: Readonly<Record<(typeof colorMaps)[number], () => string>> = {
  inferno: () => t('Inferno'),
  viridis: () => t('Viridis'),
  cividis: () => t('Cividis'),
  grey: () => t('Grey'),
};

/** Which image, how it is shown, and what can be done with it. */
export function toolbar({ onUi, onAct, onFit, onActualSize, onCopy, onMask, onHelp }: ToolbarEvents) {
  const name = h('h1', { className: 'name', data: { testid: 'name' } });
  const previous = tool('previous', 'previous', t('Previous image (Page Up)'), () => onAct('previous'));
  const next = tool('next', 'next', t('Next image (Page Down)'), () => onAct('next'));
  const looks = lookControls(onUi);
  const copy = tool('copy', 'copy', t('Copy as PNG'), onCopy);
  const mask = tool('mask', 'mask', t('Edit the mask (K)'), onMask);
  const numbers = tool('numbers', 'numbers', t('Open the raw numbers'), () => onAct('openNumbers'));
  const fit = tool('fit', 'fit', t('Whole image (0)'), onFit);
  const actual = tool('actual', 'actual', t('Actual size (1)'), onActualSize);
  const help = tool('help', 'help', t('Keys (?)'), onHelp);
  const element = h(
    'header',
    { className: 'toolbar' },
    h('div', { className: 'group title' }, previous, next, name),
    looks.element,
    h('div', { className: 'group' }, fit, actual, mask, copy, numbers, help),
  );
  return {
    element,
    set editing(on: boolean) {
      mask.setAttribute('aria-pressed', String(on));
    },
    update({ state: { image, detection }, view, picture }: Shown): void {
      name.textContent = image.name;
      if (image.count > 0) name.append(h('span', { className: 'place' }, `${image.place} / ${image.count}`));
      previous.disabled = next.disabled = image.count < 2;
      looks.update(view);
      copy.disabled = mask.disabled = !picture;
      numbers.disabled = !detection;
    },
  };
}

/** How the map lies over the image. */
function lookControls(onUi: ToolbarEvents['onUi']) {
  const layout = select<ViewerSettings['layout']>(t('Layout'), 'layout', (value) => onUi({ layout: value }));
  const colorMap = select<ColorMapName>(t('Colours'), 'colorMap', (value) => onUi({ colorMap: value }));
  const opacity = slider('opacity', { min: 0, max: 1, step: 0.01 }, (value) => onUi({ opacity: value }));
  const contour = checkbox(t('Contour'), 'contour', (checked) => onUi({ contour: checked }));
  const parts = [layout.element, colorMap.element, field(t('Opacity'), opacity), contour.element];
  return {
    element: h('div', { className: 'group' }, ...parts),
    update(view: ViewerSettings): void {
      layout.update(optionsOf(layouts, layoutNames), view.layout);
      colorMap.update(optionsOf(colorMaps, colorMapNames), view.colorMap);
      if (document.activeElement !== opacity || opacity.valueAsNumber !== view.opacity) {
        opacity.value = String(view.opacity);
      }
      opacity.setAttribute('aria-valuetext', `${Math.round(100 * view.opacity)} %`);
      contour.input.checked = view.contour;
    },
  };
}
