import type { Region } from '../../../maps/regions.ts';
import { memo } from '../../model/memo.ts';
import { checkbox } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { figures, t } from '../../ui/l10n.ts';
import { areaText, regionText } from '../regionChoice.ts';
import type { Shown } from '../shown.ts';

/** Regions in the list at most: the highest peaks. */
const most = 100;

/**
 * What lies above the pixel threshold, a button each; up and down go from one to the next. They
 * follow the threshold while it is moved.
 */
export function regionSection(onChoose: (region: Region) => void, onBoxes: (shown: boolean) => void) {
  const list = h('ol', { className: 'regions', data: { testid: 'regions' }, on: { keydown: walk } });
  const note = h('p', { className: 'note' });
  const boxes = checkbox(t('Numbered boxes'), 'boxes', onBoxes);
  const element = h(
    'section',
    { attrs: { 'aria-labelledby': 'regions-title' } },
    h('h3', { id: 'regions-title' }, t('Regions above the pixel threshold')),
    list,
    note,
    boxes.element,
  );
  const draw = memo((regions: readonly Region[]) => {
    list.replaceChildren(...regions.slice(0, most).map((region, index) => item(region, index, onChoose)));
    list.hidden = boxes.element.hidden = regions.length === 0;
    note.hidden = regions.length > 0 && regions.length <= most;
    note.textContent =
      regions.length === 0
        ? t('No region lies above the pixel threshold.')
        : t('{0} more have lower peaks.', regions.length - most);
  });
  return {
    element,
    update({ judged, region: chosen, view }: Shown): void {
      element.hidden = !judged;
      if (!judged) return;
      draw(judged.regions);
      boxes.input.checked = view.boxes ?? false;
      const at = chosen ? judged.regions.indexOf(chosen) : -1;
      buttonsOf(list).forEach((button, index) => {
        button.setAttribute('aria-pressed', String(index === at));
        button.tabIndex = index === Math.max(0, at) || at >= most ? 0 : -1;
      });
    },
  };
}

function item(region: Region, index: number, onChoose: (region: Region) => void): HTMLElement {
  const click = () => onChoose(region);
  const text = regionText(region, index);
  const [attrs, data] = [{ 'aria-label': text }, { testid: `region-${index + 1}` }];
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', className: 'region', title: t('Zoom to it'), data, attrs, on: { click } },
      h('span', { className: 'number' }, String(index + 1)),
      h('span', { className: 'area' }, t('{0} px²', areaText(region.area))),
      h('span', { className: 'peak' }, t('peak {0}', figures(region.peak))),
    ),
  );
}

const buttonsOf = (list: HTMLElement): HTMLButtonElement[] => [...list.querySelectorAll('button')];

/** One stop for the Tab key, however long the list is. */
function walk(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement;
  const buttons = buttonsOf(list);
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const to: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(buttons.length - 1, at + 1),
    ArrowUp: Math.max(0, at - 1),
    Home: 0,
    End: buttons.length - 1,
  };
  if (at < 0 || !Object.hasOwn(to, event.key)) return;
  event.preventDefault();
  buttons.forEach((button, index) => (button.tabIndex = index === to[event.key] ? 0 : -1));
  buttons[to[event.key]!]!.focus();
}
