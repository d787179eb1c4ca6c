import type { DatasetViewState } from '../../protocol/datasetView.ts';
import { rowStates, type Inspection, type InspectionMetrics, type RowState } from '../../protocol/inspection.ts';
import {
  countsAt,
  labelledScores,
  proposals,
  type Counts,
  type LabelledScores,
  type Proposal,
  type ProposalKind,
} from '../../verdict/proposal.ts';
import { rowLabels, type RowLabels } from '../../dataset/rowLabels.ts';
import type { EffectiveThresholds } from '../../verdict/thresholds.ts';
import { compare, verdictChanges, type Comparison } from './comparison.ts';
import { arrange, defectTypesOf, everything, followsThreshold, type Arrangement } from './order.ts';
import { nothing, type Selection } from './selection.ts';

/** What the user chose in the view; kept while it is hidden, the selection excepted. */
export interface Ui {
  readonly arrangement: Arrangement;
  readonly selection: Selection;
  /** A threshold that was moved to and not saved. */
  readonly draft?: number | undefined;
  /** Whether it is being dragged: the grid then keeps its order. */
  readonly dragging: boolean;
  /** Width of thumbnails, in pixels. */
  readonly side: number;
  readonly heatmap: boolean;
  /** 0 … 1, of the heatmap. */
  readonly opacity: number;
  /** Whether labelling one image goes on to the next. */
  readonly advance: boolean;
  readonly proposal: ProposalKind;
  readonly missCost: number;
  readonly colorBy: 'score' | 'label';
  readonly tab: number;
}

export const initialUi: Ui = {
  arrangement: everything,
  selection: nothing,
  dragging: false,
  side: 132,
  heatmap: true,
  opacity: 0.6,
  advance: true,
  proposal: 'conformal',
  missCost: 10,
  colorBy: 'score',
  tab: 0,
};

export interface Found {
  readonly metrics?: InspectionMetrics | undefined;
}

/** What there is to see of an inspection. */
export interface Results {
  readonly inspection: Inspection;
  readonly labels: RowLabels;
  readonly defectTypes: readonly string[];
  readonly thresholds: EffectiveThresholds;
  /** The one that counts now, moved or not. */
  readonly threshold: number;
  readonly scores: LabelledScores;
  readonly counts: Counts;
  /** At the threshold of the settings. */
  readonly savedCounts: Counts;
  readonly proposals: readonly Proposal[];
  readonly order: Uint32Array;
  readonly changed?: ((row: number) => boolean) | undefined;
}

export interface Shown extends Found {
  readonly state: DatasetViewState;
  readonly comparison?: Comparison | undefined;
  readonly ui: Ui;
  readonly results?: Results;
}

/** Makes again only when an argument is another one. */
export function memo<A extends readonly unknown[], R>(make: (...given: A) => R): (...given: A) => R {
  let last: { readonly given: A; readonly made: R } | undefined;
  return (...given) => {
    if (!last?.given.every((each, i) => Object.is(each, given[i]))) last = { given, made: make(...given) };
    return last.made;
  };
}

/** How many rows are in each state. */
export const stateCounts = memo((rows: Inspection['rows']): Record<RowState, number> => {
  const counts = new Uint32Array(rowStates.length);
  for (const state of rows.state) counts[state]!++;
  const [pending, done, failed] = counts as unknown as [number, number, number];
  return { pending, done, failed };
});

/** Derives what is shown; what didn't change is the same object as before. */
export function deriver(): (state: DatasetViewState, ui: Ui, found: Found) => Shown {
  const labelsOf = memo((paths: Inspection['rows'], labels: Inspection['labels']) =>
    rowLabels({ rows: paths, labels }),
  );
  const typesOf = memo(defectTypesOf);
  const scoresOf = memo((rows: Inspection['rows'], labels: RowLabels) =>
    labelledScores({ score: rows.score, trained: rows.trained, label: labels.label, byUser: labels.byUser }),
  );
  const proposalsOf = memo(
    (detector: Inspection['detector'], scores: LabelledScores, falseAlarmRate: number, missCost: number) =>
      proposals(detector, scores, { falseAlarmRate, missCost }),
  );
  const comparisonOf = memo(
    (paths: Inspection['rows']['paths'], other: DatasetViewState['comparison'], threshold: number | undefined) =>
      other && threshold !== undefined ? compare(paths, other.inspection, threshold, other.taught) : undefined,
  );
  const changedOf = memo((score: Float32Array, threshold: number, comparison: Comparison | undefined) =>
    comparison ? verdictChanges(score, threshold, comparison) : undefined,
  );
  const orderOf = memo(
    (
      rows: Inspection['rows'],
      labels: RowLabels,
      threshold: number,
      changed: Results['changed'],
      arrangement: Arrangement,
    ) => arrange({ rows, labels, threshold, changed }, arrangement),
  );
  let settled = NaN;

  return (state, ui, found) => {
    const { inspection, thresholds } = state;
    if (!inspection || !thresholds) return { state, ui, ...found };
    const { rows, detector } = inspection;
    const labels = labelsOf(rows, inspection.labels);
    const threshold = ui.draft ?? thresholds.image.value;
    if (!ui.dragging || Number.isNaN(settled)) settled = threshold;
    const scores = scoresOf(rows, labels);
    const comparison = comparisonOf(rows.paths, state.comparison, state.comparedThresholds?.calibrated.image);
    const changed = changedOf(rows.score, settled, comparison);
    const follows = followsThreshold(ui.arrangement);
    const results: Results = {
      inspection,
      labels,
      defectTypes: typesOf(labels),
      thresholds,
      threshold,
      scores,
      counts: countsAt(scores, threshold),
      savedCounts: countsAt(scores, thresholds.image.value),
      proposals: proposalsOf(detector, scores, thresholds.askedRate, ui.missCost),
      order: orderOf(rows, labels, follows ? settled : NaN, follows ? changed : undefined, ui.arrangement),
      changed,
    };
    return { state, ui, ...found, comparison, results };
  };
}
