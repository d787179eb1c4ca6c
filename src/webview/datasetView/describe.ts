import { memo } from '../model/memo.ts';
import { stateCounts, type Shown } from './shown.ts';

const labelledByUser = memo((byUser: Uint8Array): number => {
  let sum = 0;
  for (const each of byUser) sum += each;
  return sum;
});

/** What tests read of the view, in the dataset of its root: see App. */
export function describe({ dataset }: HTMLElement, { state, results, ui }: Shown): void {
  const rows = results?.inspection.rows;
  const { pending = 0, done = 0 } = rows ? stateCounts(rows) : {};
  dataset.state = state.progress ? 'busy' : state.failure ? 'failed' : pending > 0 || !results ? 'resumable' : 'done';
  dataset.folder = state.folder;
  if (!results || !rows) return;
  dataset.images = String(rows.paths.length);
  dataset.shown = String(results.order.length);
  dataset.done = String(done);
  dataset.threshold = String(results.threshold);
  dataset.saved = String(results.thresholds.image.value);
  dataset.falseAlarms = String(results.counts.falseAlarms);
  dataset.misses = String(results.counts.misses);
  dataset.labelled = String(labelledByUser(results.labels.byUser));
  const proposal = results.proposals.find(({ kind }) => kind === ui.proposal);
  dataset.proposalKind = ui.proposal;
  dataset.proposal = String(proposal?.threshold ?? '');
  dataset.promisedFalseAlarms = String(proposal?.counts.falseAlarms ?? '');
  dataset.promisedMisses = String(proposal?.counts.misses ?? '');
  dataset.selected = String(ui.selection.rows.size);
  dataset.focus = rows.paths[ui.selection.focus] ?? '';
}
