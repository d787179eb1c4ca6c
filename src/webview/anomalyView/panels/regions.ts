import type { Region } from '../../../maps/regions.ts';
import { counts, type Rules } from '../../../verdict/rules.ts';
import { memo } from '../../model/memo.ts';
import { checkbox } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { figures, t } from '../../ui/l10n.ts';
import { areaText } from '../regionChoice.ts';
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
  const draw = memo((regions: readonly Region[], rules: Rules) => {
    const items = regions.slice(0, most).map((region, index) => item(region, index, rules, onChoose));
    list.replaceChildren(...items);
    list.hidden = boxes.element.hidden = regions.length === 0;
    note.textContent = noteText(regions, rules);
    note.hidden = note.textContent === '';
  });
  return {
    element,
    update({ judged, region: chosen, view, state: { rules } }: Shown): void {
      element.hidden = !judged;
      if (!judged) return;
      draw(judged.regions, rules);
      boxes.input.checked = view.boxes ?? false;
      const at = chosen ? judged.regions.indexOf(chosen) : -1;
      buttonsOf(list).forEach((button, index) => {
        button.setAttribute('aria-pressed', String(index === at));
        button.tabIndex = index === Math.max(0, at) || at >= most ? 0 : -1;
      });
    },
  };
}

function noteText(regions: readonly Region[], rules: Rules): string {
  if (regions.length === 0) return t('No region lies above the pixel threshold.');
  const small = regions.filter(({ area }) => !counts(area, rules)).length;
  return [
    ...(regions.length > most ? [t('{0} more have lower peaks.', regions.length - most)] : []),
    ...(small > 0 ? [t('Smaller than {0} px² and not counted: {1}.', areaText(rules.smallestArea), small)] : []),
  ].join(' ');
}

function item(region: Region, index: number, rules: Rules, onChoose: (region: Region) => void): HTMLElement {
  const click = () => onChoose(region);
  const isCounted = counts(region.area, rules);
  const className = isCounted ? 'region' : 'region small';
  const data = { testid: `region-${index + 1}` };
  const heard = (text: string) => h('span', { className: 'hidden' }, text);
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', className, title: t('Zoom to it'), data, on: { click } },
      heard(t('Region')),
      h('span', { className: 'number' }, String(index + 1)),
      h('span', { className: 'area' }, t('{0} px²', areaText(region.area))),
      h('span', { className: 'peak' }, t('peak {0}', figures(region.peak))),
      ...(isCounted ? [] : [heard(t('too small to count'))]),
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
