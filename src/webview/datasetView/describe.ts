import type { Shown } from './shown.ts';

/** What tests read of the view, in the dataset of its root: see App. */
export function describe({ dataset }: HTMLElement, { state, results, ui }: Shown): void {
  const rows = results?.inspection.rows;
  const pending = rows ? rows.state.includes(0) : false;
  dataset.state = state.progress ? 'busy' : state.failure ? 'failed' : pending || !results ? 'resumable' : 'done';
  dataset.folder = state.folder;
  if (!results || !rows) return;
  dataset.images = String(rows.paths.length);
  dataset.shown = String(results.order.length);
  dataset.done = String(rows.state.reduce((sum, each) => sum + (each === 1 ? 1 : 0), 0));
  dataset.threshold = String(results.threshold);
  dataset.saved = String(results.thresholds.image.value);
  dataset.falseAlarms = String(results.counts.falseAlarms);
  dataset.misses = String(results.counts.misses);
  dataset.labelled = String(results.labels.byUser.reduce((sum, each) => sum + each, 0));
  const proposal = results.proposals.find(({ kind }) => kind === ui.proposal);
  dataset.proposal = String(proposal?.threshold ?? '');
  dataset.promisedFalseAlarms = String(proposal?.counts.falseAlarms ?? '');
  dataset.promisedMisses = String(proposal?.counts.misses ?? '');
  dataset.selected = String(ui.selection.rows.size);
  dataset.focus = rows.paths[ui.selection.focus] ?? '';
}
