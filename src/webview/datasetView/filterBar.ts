import type { InspectionRows } from '../../protocol/inspection.ts';
import { h } from '../lib/dom.ts';
import { figures, t } from '../lib/l10n.ts';
import { checkbox, select, slider, textfield, tool } from './controls.ts';
import { labelFilterNames, sortNames, verdictNames } from './names.ts';
import {
  everything,
  labelFilters,
  sortKeys,
  verdictFilters,
  type Arrangement,
  type LabelFilter,
  type SortKey,
  type VerdictFilter,
} from './order.ts';
import { memo, type Shown, type Ui } from './shown.ts';

export interface FilterEvents {
  readonly onArrange: (change: Partial<Arrangement>) => void;
  readonly onLook: (change: Partial<Pick<Ui, 'side' | 'heatmap' | 'opacity'>>) => void;
}

/** Order and filters of the grid, and how thumbnails look. */
export function filterBar({ onArrange, onLook }: FilterEvents) {
  const text = textfield(t('Filter by path'), 'text', t('Filter by path'), (value) => onArrange({ text: value }));
  const sort = select<SortKey>(t('Sort'), 'sort', (value) => onArrange({ sort: value, reversed: false }));
  const direction = tool('down', 'direction', t('Reverse the order'), () => onArrange({ reversed: !reversed }));
  const verdict = select<VerdictFilter>(t('Verdict'), 'verdict', (value) => onArrange({ verdict: value }));
  const label = select<LabelFilter>(t('Label'), 'label', (value) => onArrange({ label: value }));
  const defect = select<string>(t('Defect'), 'defect', (value) => onArrange({ defect: value }));
  const low = textfield(t('Lowest score'), 'low', t('from'), () => range());
  const high = textfield(t('Highest score'), 'high', t('to'), () => range());
  const count = h('p', { className: 'count', data: { testid: 'count' }, attrs: { 'aria-live': 'polite' } });
  const clear = h(
    'button',
    { type: 'button', className: 'link', data: { testid: 'clearFilters' }, on: { click: () => clearAll() } },
    t('Clear filters'),
  );
  const heatmap = checkbox(t('Heatmap'), 'heatmap', (checked) => onLook({ heatmap: checked }));
  const opacity = slider(t('Opacity of the heatmap'), 'opacity', { min: 0, max: 1, step: 0.05 }, (value) =>
    onLook({ opacity: value }),
  );
  const side = slider(t('Size of thumbnails'), 'side', { min: 72, max: 320, step: 4 }, (value) =>
    onLook({ side: value }),
  );
  let reversed = false;

  function named(name: string, control: HTMLElement): HTMLElement {
    return h('div', { className: 'field' }, h('span', { attrs: { 'aria-hidden': 'true' } }, name), control);
  }

  const number = (value: string): number | undefined => {
    const found = Number(value.trim().replace(',', '.'));
    return value.trim() !== '' && Number.isFinite(found) ? found : undefined;
  };
  function range(): void {
    const [from, to] = [number(low.value), number(high.value)];
    onArrange({ scores: from === undefined && to === undefined ? undefined : [from ?? -Infinity, to ?? Infinity] });
  }
  function clearAll(): void {
    text.value = '';
    const { sort: _, reversed: __, ...filters } = everything;
    onArrange({ ...filters, scores: undefined });
  }
  const element = h(
    'div',
    { className: 'filters', attrs: { role: 'search', 'aria-label': t('Order and filters') } },
    h('div', { className: 'row' }, sort.element, direction),
    h('div', { className: 'row unnamed' }, verdict.element, label.element, defect.element),
    h(
      'div',
      { className: 'row scores' },
      h('span', { className: 'label', attrs: { 'aria-hidden': 'true' } }, t('Score')),
      low,
      high,
    ),
    text,
    count,
    clear,
    h('div', { className: 'row looks' }, heatmap, named(t('Opacity'), opacity), named(t('Size'), side)),
  );
  const draw = memo(
    (
      rows: InspectionRows | undefined,
      order: Uint32Array | undefined,
      defectTypes: readonly string[] | undefined,
      arrangement: Arrangement,
      compared: boolean,
      shownHeatmap: boolean,
      shownOpacity: number,
      shownSide: number,
    ) => {
      ({ reversed } = arrangement);
      element.hidden = !rows;
      if (!rows || !order || !defectTypes) return;
      sort.update(
        sortKeys.map((key) => [key, sortNames[key]()] as const),
        arrangement.sort,
      );
      direction.setAttribute('aria-pressed', String(reversed));
      verdict.update(
        verdictFilters
          .filter((key) => key !== 'changed' || compared || arrangement.verdict === 'changed')
          .map((key) => [key, verdictNames[key]()] as const),
        arrangement.verdict,
      );
      label.update(
        labelFilters.map((key) => [key, labelFilterNames[key]()] as const),
        arrangement.label,
      );
      defect.element.hidden = defectTypes.length === 0;
      defect.update(
        [['', t('Any defect')] as const, ...defectTypes.map((name) => [name, name] as const)],
        arrangement.defect,
      );
      if (text.value !== arrangement.text) text.value = arrangement.text;
      const [from, to] = arrangement.scores ?? [-Infinity, Infinity];
      show(low, from);
      show(high, to);
      const filtered = order.length !== rows.paths.length;
      count.textContent = filtered ? t('{0} of {1}', order.length, rows.paths.length) : t('{0} images', order.length);
      clear.hidden = !filtered;
      heatmap.checked = shownHeatmap;
      if (document.activeElement !== opacity) opacity.value = String(shownOpacity);
      if (document.activeElement !== side) side.value = String(shownSide);
      opacity.disabled = !shownHeatmap;
    },
  );
  return {
    element,
    /** Nothing of it follows the threshold but through the order. */
    update({ results, ui, comparison }: Shown): void {
      const { heatmap: looks, opacity: strength, side: width, arrangement } = ui;
      const rows = results?.inspection.rows;
      draw(rows, results?.order, results?.defectTypes, arrangement, comparison !== undefined, looks, strength, width);
    },
  };

  function show(field: typeof low, value: number): void {
    if (field.matches(':focus, :focus-within') || field.focused) return;
    field.value = Number.isFinite(value) ? figures(value) : '';
  }
}
