import type { InspectionRows } from '../../../protocol/inspection.ts';
import { memo } from '../../model/memo.ts';
import { link, optionsOf, slider, tool } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { checkbox, named, select, textfield } from '../../ui/editorControls.ts';
import { figures, t } from '../../ui/l10n.ts';
import { labelFilterNames, sortNames, verdictNames } from '../names.ts';
import type { Shown, Ui } from '../shown.ts';
import { numberIn } from './numberIn.ts';
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

export interface FilterEvents {
  readonly onArrange: (change: Partial<Arrangement>) => void;
  readonly onLook: (change: Partial<Looks>) => void;
}

/** How thumbnails look. */
type Looks = Pick<Ui, 'side' | 'heatmap' | 'opacity'>;

/** Order and filters of the grid, and how thumbnails look. */
export function filterBar({ onArrange, onLook }: FilterEvents) {
  const order = orderControls(onArrange);
  const kinds = kindFilters(onArrange);
  const scores = scoreRange(onArrange);
  const text = textfield(t('Filter by path'), 'text', t('Filter by path'), (value) => onArrange({ text: value }));
  const count = h('p', { className: 'count', data: { testid: 'count' }, attrs: { 'aria-live': 'polite' } });
  const clear = link(t('Clear filters'), 'clearFilters', () => {
    text.value = '';
    const { sort: _, reversed: __, ...filters } = everything;
    onArrange({ ...filters, scores: undefined });
  });
  const looks = lookControls(onLook);
  const attrs = { role: 'search', 'aria-label': t('Order and filters') };
  const parts = [order.element, kinds.element, scores.element, text, count, clear, looks.element];
  const element = h('div', { className: 'filters', attrs }, ...parts);
  /** Nothing of it follows the threshold but through the order. */
  const draw = memo(
    (
      rows: InspectionRows | undefined,
      places: Uint32Array | undefined,
      defectTypes: readonly string[] | undefined,
      arrangement: Arrangement,
      compared: boolean,
    ) => {
      element.hidden = !rows;
      if (!rows || !places || !defectTypes) return;
      order.update(arrangement);
      kinds.update(arrangement, defectTypes, compared);
      scores.update(arrangement);
      if (text.value !== arrangement.text) text.value = arrangement.text;
      const filtered = places.length !== rows.paths.length;
      count.textContent = filtered ? t('{0} of {1}', places.length, rows.paths.length) : t('{0} images', places.length);
      clear.hidden = !filtered;
    },
  );
  return {
    element,
    update({ results, ui, comparison }: Shown): void {
      const rows = results?.inspection.rows;
      draw(rows, results?.order, results?.defectTypes, ui.arrangement, comparison !== undefined);
      if (rows) looks.update(ui);
    },
  };
}

type OnArrange = FilterEvents['onArrange'];

/** What comes first. */
function orderControls(onArrange: OnArrange) {
  let now = everything;
  const sort = select<SortKey>(t('Sort'), 'sort', (value) => onArrange({ sort: value, reversed: false }));
  const direction = tool('down', 'direction', t('Reverse the order'), () => onArrange({ reversed: !now.reversed }));
  return {
    element: h('div', { className: 'row' }, sort.element, direction),
    update(arrangement: Arrangement): void {
      now = arrangement;
      sort.update(optionsOf(sortKeys, sortNames), arrangement.sort);
      direction.setAttribute('aria-pressed', String(arrangement.reversed));
    },
  };
}

/** By verdict, label and defect type. */
function kindFilters(onArrange: OnArrange) {
  const verdict = select<VerdictFilter>(t('Verdict'), 'verdict', (value) => onArrange({ verdict: value }));
  const label = select<LabelFilter>(t('Label'), 'label', (value) => onArrange({ label: value }));
  const defect = select<string>(t('Defect'), 'defect', (value) => onArrange({ defect: value }));
  return {
    element: h('div', { className: 'row unnamed' }, verdict.element, label.element, defect.element),
    update(arrangement: Arrangement, defectTypes: readonly string[], compared: boolean): void {
      const offered = verdictFilters.filter(
        (key) => key !== 'changed' || compared || arrangement.verdict === 'changed',
      );
      verdict.update(optionsOf(offered, verdictNames), arrangement.verdict);
      label.update(optionsOf(labelFilters, labelFilterNames), arrangement.label);
      defect.element.hidden = defectTypes.length === 0;
      const types = defectTypes.map((name) => [name, name] as const);
      defect.update([['', t('Any defect')], ...types], arrangement.defect);
    },
  };
}

/** From a score to a score; either may be left out. */
function scoreRange(onArrange: OnArrange) {
  function changed(): void {
    const [from, to] = [numberIn(low.value), numberIn(high.value)];
    onArrange({ scores: from === undefined && to === undefined ? undefined : [from ?? -Infinity, to ?? Infinity] });
  }
  const low = textfield(t('Lowest score'), 'low', t('from'), changed);
  const high = textfield(t('Highest score'), 'high', t('to'), changed);
  const name = h('span', { className: 'label', attrs: { 'aria-hidden': 'true' } }, t('Score'));
  function show(field: typeof low, value: number): void {
    if (field.matches(':focus, :focus-within') || field.focused) return;
    field.value = Number.isFinite(value) ? figures(value) : '';
  }
  return {
    element: h('div', { className: 'row scores' }, name, low, high),
    update({ scores = [-Infinity, Infinity] }: Arrangement): void {
      show(low, scores[0]);
      show(high, scores[1]);
    },
  };
}

function lookControls(onLook: FilterEvents['onLook']) {
  const heatmap = checkbox(t('Heatmap'), 'heatmap', (checked) => onLook({ heatmap: checked }));
  const opacitySpan = { min: 0, max: 1, step: 0.05 };
  const onOpacity = (value: number) => onLook({ opacity: value });
  const opacity = slider('opacity', opacitySpan, onOpacity, t('Opacity of the heatmap'));
  const onSide = (value: number) => onLook({ side: value });
  const side = slider('side', { min: 72, max: 320, step: 4 }, onSide, t('Size of thumbnails'));
  return {
    element: h('div', { className: 'row looks' }, heatmap, named(t('Opacity'), opacity), named(t('Size'), side)),
    update(looks: Looks): void {
      heatmap.checked = looks.heatmap;
      if (document.activeElement !== opacity) opacity.value = String(looks.opacity);
      if (document.activeElement !== side) side.value = String(looks.side);
      opacity.disabled = !looks.heatmap;
    },
  };
}
