import type { DatasetViewState, Found } from '../../protocol/datasetView.ts';
import type { LabelLine } from '../../dataset/labels.ts';
import type { Inspection } from '../../protocol/inspection.ts';
import { nothing, type Selection } from './grid/selection.ts';
import type { Model } from './shown.ts';

/** What the host has changed, and what of the view's own state doesn't outlive that. */
export function changedByHost(before: Model, change: Partial<DatasetViewState>): Model {
  const state = { ...before.state, ...change };
  let { ui } = before;
  const another = isAnother(before.state.inspection, state.inspection);
  if (another) ui = { ...ui, selection: sameRows(before.state.inspection, state.inspection, ui.selection) };
  if (before.state.comparison && !state.comparison && ui.arrangement.verdict === 'changed')
    ui = { ...ui, arrangement: { ...ui.arrangement, verdict: 'all' } };
  // What was saved, or written by hand; another detector leaves the draft as it is.
  const [was, now] = [before.state.inspection, state.inspection];
  if (was?.detector.version === now?.detector.version && !isSame(state.thresholds, before.state.thresholds))
    ui = { ...ui, draft: undefined };
  return { state, ui, metrics: another ? undefined : before.metrics };
}

/** Whether results are those of another detector or of other images. */
export const isAnother = (was: Inspection | undefined, now: Inspection | undefined): boolean =>
  was?.detector.version !== now?.detector.version || was?.rows.paths !== now?.rows.paths;

/** With what an inspection under way has found; as it was where that is about other rows. */
export function withFound(state: DatasetViewState, found: Found): DatasetViewState {
  const { inspection } = state;
  if (!inspection || inspection.rows.paths.length !== found.state.length) return state;
  return { ...state, inspection: { ...inspection, rows: { ...inspection.rows, ...found } } };
}

export function withLabels(state: DatasetViewState, lines: readonly LabelLine[]): DatasetViewState {
  const { inspection } = state;
  if (!inspection) return state;
  const labels = { ...inspection.labels };
  for (const line of lines) labels[line.image] = line;
  return { ...state, inspection: { ...inspection, labels } };
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The selection in the rows of another inspection of the same folder. */
function sameRows(was: Inspection | undefined, now: Inspection | undefined, selection: Selection): Selection {
  if (!was || !now || selection.focus < 0) return nothing;
  const at = new Map(now.rows.paths.map((path, row) => [path, row]));
  const to = (row: number) => at.get(was.rows.paths[row]!) ?? -1;
  return {
    rows: new Set([...selection.rows].map(to).filter((row) => row >= 0)),
    anchor: to(selection.anchor),
    focus: to(selection.focus),
  };
}
