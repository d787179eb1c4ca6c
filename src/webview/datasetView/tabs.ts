import { h } from '../lib/dom.ts';

/** Title, test id and content. */
export type Tab = readonly [title: string, id: string, ...content: HTMLElement[]];

/** The editor's tabs; `selected` is the index of the one that is open. */
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
