import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import '@vscode-elements/elements/dist/vscode-tabs/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { h, icon, type IconName } from '../lib/dom.ts';

export interface ButtonLooks {
  readonly id: string;
  readonly title?: string;
  readonly secondary?: boolean;
}

/** The editor's button. */
export function button(text: string, { id, title = '', secondary = true }: ButtonLooks, click: () => void) {
  return h('vscode-button', { title, secondary, data: { testid: id }, on: { click } }, text);
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

export function checkbox(label: string, id: string, onChange: (checked: boolean) => void) {
  const element = h('vscode-checkbox', {
    label,
    data: { testid: id },
    on: { change: () => onChange(element.checked) },
  });
  return element;
}

/** A drop-down list whose options may change. */
export function select<T extends string>(label: string, id: string, onChange: (value: T) => void) {
  const element = h('vscode-single-select', {
    label,
    data: { testid: id },
    on: { change: () => onChange(element.value as T) },
  });
  let shown = '';
  return {
    element: h(
      'div',
      { className: 'field' },
      h('span', { className: 'label', attrs: { 'aria-hidden': 'true' } }, label),
      element,
    ),
    /** @param options value and text */
    update(options: readonly (readonly [T, string])[], value: T): void {
      const key = JSON.stringify([options, value]);
      if (key === shown) return;
      shown = key;
      element.replaceChildren(
        ...options.map(([each, text]) => h('vscode-option', { value: each, selected: each === value }, text)),
      );
      element.value = value;
    },
  };
}

export function textfield(label: string, id: string, placeholder: string, onInput: (text: string) => void) {
  const element = h('vscode-textfield', {
    label,
    placeholder,
    data: { testid: id },
    on: { input: () => onInput(element.value) },
  });
  return element;
}

export function slider(
  label: string,
  id: string,
  range: { readonly min: number; readonly max: number; readonly step: number },
  onInput: (value: number) => void,
) {
  const input = h('input', {
    type: 'range',
    id,
    min: String(range.min),
    max: String(range.max),
    step: String(range.step),
    title: label,
    data: { testid: id },
    attrs: { 'aria-label': label },
    on: { input: () => onInput(input.valueAsNumber) },
  });
  return input;
}

/** Whether keys typed there are text. */
export const takesText = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('vscode-textfield, vscode-single-select, input, select, dialog') !== null;
