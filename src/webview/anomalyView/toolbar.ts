import { colorMaps, layouts, type Action, type UiState } from '../../protocol/anomalyView.ts';
import { h, icon, type IconName } from '../lib/dom.ts';
import { t } from '../lib/l10n.ts';
import { viewOf, type Model } from './model.ts';

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
  const previous = button('previous', t('Previous image (Page Up)'), () => onAct('previous'));
  const next = button('next', t('Next image (Page Down)'), () => onAct('next'));
  const layout = select('layout', t('Layout'), layouts, layoutNames, (value) => onUi({ layout: value }));
  const colorMap = select('colorMap', t('Colours'), colorMaps, colorMapNames, (value) => onUi({ colorMap: value }));
  const opacity = h('input', {
    type: 'range',
    id: 'opacity',
    min: '0',
    max: '1',
    step: '0.01',
    data: { testid: 'opacity' },
    on: { input: () => onUi({ opacity: opacity.valueAsNumber }) },
  });
  const contour = h('input', {
    type: 'checkbox',
    id: 'contour',
    data: { testid: 'contour' },
    on: { change: () => onUi({ contour: contour.checked }) },
  });
  const copy = button('copy', t('Copy as PNG'), onCopy);
  const mask = button('mask', t('Edit the mask (K)'), onMask);
  const numbers = button('numbers', t('Open the raw numbers'), () => onAct('openNumbers'));
  const element = h(
    'header',
    { className: 'toolbar' },
    h('div', { className: 'group title' }, previous, next, name),
    h(
      'div',
      { className: 'group' },
      layout.element,
      colorMap.element,
      h('label', { className: 'field' }, h('span', { className: 'label' }, t('Opacity')), opacity),
      h('label', { className: 'field' }, contour, t('Contour')),
    ),
    h(
      'div',
      { className: 'group' },
      button('fit', t('Whole image (0)'), onFit),
      button('actual', t('Actual size (1)'), onActualSize),
      mask,
      copy,
      numbers,
      button('help', t('Keys (?)'), onHelp),
    ),
  );
  return {
    element,
    set editing(on: boolean) {
      mask.setAttribute('aria-pressed', String(on));
    },
    update(model: Model): void {
      const { image, detection } = model.state;
      const view = viewOf(model);
      name.textContent = image.name;
      if (image.count > 0) name.append(h('span', { className: 'place' }, `${image.place} / ${image.count}`));
      previous.disabled = next.disabled = image.count < 2;
      layout.value = view.layout;
      colorMap.value = view.colorMap;
      if (document.activeElement !== opacity || opacity.valueAsNumber !== view.opacity) {
        opacity.value = String(view.opacity);
      }
      opacity.setAttribute('aria-valuetext', `${Math.round(100 * view.opacity)} %`);
      contour.checked = view.contour;
      copy.disabled = mask.disabled = !model.picture;
      numbers.disabled = !detection;
    },
  };
}

function button(name: IconName, title: string, click: () => void): HTMLButtonElement {
  const attrs = { 'aria-label': title };
  return h(
    'button',
    { type: 'button', className: 'tool', title, data: { testid: name }, attrs, on: { click } },
    icon(name),
  );
}

function select<T extends string>(
  id: string,
  label: string,
  values: readonly T[],
  names: Readonly<Record<T, () => string>>,
  onChange: (value: T) => void,
) {
  const options = values.map((value) => h('option', { value }, names[value]()));
  const element = h(
    'select',
    { id, data: { testid: id }, on: { change: () => onChange(element.value as T) } },
    ...options,
  );
  return {
    element: h('label', { className: 'field', title: label }, h('span', { className: 'label' }, label), element),
    set value(value: T) {
      element.value = value;
    },
  };
}
