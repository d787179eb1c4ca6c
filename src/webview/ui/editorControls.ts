/**
 * The editor's own controls, as elements: the functions of `controls.ts` for a view that may take
 * its time to open.
 */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import '@vscode-elements/elements/dist/vscode-tabs/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { ButtonLooks } from './controls.ts';
import { h } from './dom.ts';

export function button(text: string, { id, title = '', primary = false }: ButtonLooks, click: () => void) {
  return h('vscode-button', { title, secondary: !primary, data: { testid: id }, on: { click } }, text);
}

export function checkbox(label: string, id: string, onChange: (checked: boolean) => void) {
  const element = h('vscode-checkbox', {
    label,
    data: { testid: id },
    on: { change: () => onChange(element.checked) },
  });
  return element;
}

/** A control that says its name itself, with the name beside it for the eye. */
export const named = (name: string, control: HTMLElement): HTMLElement =>
  h('div', { className: 'field' }, h('span', { className: 'label', attrs: { 'aria-hidden': 'true' } }, name), control);

/** A drop-down list whose options may change. */
export function select<T extends string>(label: string, id: string, onChange: (value: T) => void) {
  const list = h('vscode-single-select', {
    label,
    data: { testid: id },
    on: { change: () => onChange(list.value as T) },
  });
  let shown = '';
  return {
    element: named(label, list),
    /** @param options value and text */
    update(options: readonly (readonly [T, string])[], value: T): void {
      const key = JSON.stringify([options, value]);
      if (key === shown) return;
      shown = key;
      list.replaceChildren(
        ...options.map(([each, text]) => h('vscode-option', { value: each, selected: each === value }, text)),
      );
      list.value = value;
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

/** Title, test id and content. */
export type Tab = readonly [title: string, id: string, ...content: HTMLElement[]];

/** @param selected the index of the tab that is open */
export function tabsOf(pages: readonly Tab[], selected: number, onSelect: (tab: number) => void): HTMLElement {
  const tabs = h(
    'vscode-tabs',
    { selectedIndex: Math.min(selected, pages.length - 1), className: 'tabs' },
    ...pages.flatMap(([title, id, ...content]) => [
      h('vscode-tab-header', { slot: 'header', data: { testid: id } }, title),
      h('vscode-tab-panel', {}, h('div', { className: 'page' }, ...content)),
    ]),
  );
  tabs.addEventListener('vsc-tabs-select', () => onSelect(tabs.selectedIndex));
  return tabs;
}

/** Whether keys typed there are text. */
export const takesText = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('vscode-textfield, vscode-single-select, input, select, dialog') !== null;
