/**
 * The browser's own controls in the editor's colours. The anomaly view has no others: the page must
 * be on screen within tenths of a second, and the editor's elements (`editorControls.ts`, same
 * functions) weigh twice its script.
 */
import { h } from './dom.ts';
import { icon, type IconName } from './icons.ts';

export interface ButtonLooks {
  /** For tests. */
  readonly id: string;
  readonly title?: string;
  /** What most people want. */
  readonly primary?: boolean;
}

export function button(
  text: string,
  { id, title = '', primary = false }: ButtonLooks,
  click: () => void,
): HTMLButtonElement {
  const className = primary ? 'button primary' : 'button';
  return h('button', { type: 'button', className, title, data: { testid: id }, on: { click } }, text);
}

/** A square button with an icon, as in the editor's title bars. */
export function tool(name: IconName, id: string, title: string, click: () => void): HTMLButtonElement {
  const attrs = { 'aria-label': title };
  return h(
    'button',
    { type: 'button', className: 'tool', title, data: { testid: id }, attrs, on: { click } },
    icon(name),
  );
}

/** A button that looks like a link. */
export const link = (text: string, id: string, click: () => void, title = ''): HTMLButtonElement =>
  h('button', { type: 'button', className: 'link', title, data: { testid: id }, on: { click } }, text);

/** A control with its name beside it; pressing the name operates it. */
export const field = (name: string, control: HTMLElement, title = ''): HTMLElement =>
  h('label', { className: 'field', title }, h('span', { className: 'label' }, name), control);

export function checkbox(label: string, id: string, onChange: (checked: boolean) => void) {
  const input = h('input', {
    type: 'checkbox',
    id,
    data: { testid: id },
    on: { change: () => onChange(input.checked) },
  });
  return { element: h('label', { className: 'field' }, input, label), input };
}

/** Options of a list by their names. */
export const optionsOf = <T extends string>(values: readonly T[], names: Readonly<Record<T, () => string>>) =>
  values.map((value) => [value, names[value]()] as const);

/** A drop-down list with its name; its options may change. */
export function select<T extends string>(label: string, id: string, onChange: (value: T) => void) {
  const list = h('select', { id, data: { testid: id }, on: { change: () => onChange(list.value as T) } });
  let shown = '';
  return {
    element: field(label, list, label),
    /** @param options value and text */
    update(options: readonly (readonly [T, string])[], value: T): void {
      const key = JSON.stringify(options);
      if (key !== shown) list.replaceChildren(...options.map(([each, text]) => h('option', { value: each }, text)));
      shown = key;
      list.value = value;
    },
  };
}

export interface Span {
  readonly min: number;
  readonly max?: number;
  readonly step?: number;
}

/** @param label where no name stands beside it */
export function slider(
  id: string,
  { min, max = 100, step = 1 }: Span,
  onInput: (value: number) => void,
  label?: string,
): HTMLInputElement {
  const input = h('input', {
    type: 'range',
    id,
    min: String(min),
    max: String(max),
    step: String(step),
    data: { testid: id },
    ...(label !== undefined && { title: label, attrs: { 'aria-label': label } }),
    on: { input: () => onInput(input.valueAsNumber) },
  });
  return input;
}
