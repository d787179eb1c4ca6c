/** What the dataset view is drawn from: its state, and what is derived of it. */
import type { DatasetViewState } from '../../protocol/datasetView.ts';
import {
  rowStates,
  type Inspection,
  type InspectionMetrics,
  type InspectionRows,
  type RowState,
} from '../../protocol/inspection.ts';
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
import { memo } from '../model/memo.ts';
import { compare, verdictChanges, type Comparison } from './comparison/comparison.ts';
import { arrange, defectTypesOf, everything, followsThreshold, type Arrangement } from './filters/order.ts';
import { nothing, type Selection } from './grid/selection.ts';
import type { Zoom } from './map/mapModel.ts';

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
  /** Of the similarity map; x and y as shares of its width and height. */
  readonly mapZoom?: Zoom | undefined;
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

/** Everything that changes. */
export interface Model {
  /** As the host says. */
  readonly state: DatasetViewState;
  readonly ui: Ui;
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

/** What the sections follow. */
export interface Shown extends Model {
  readonly comparison?: Comparison | undefined;
  readonly results?: Results;
}

/** How many rows are in each state. */
export const stateCounts = memo((rows: Inspection['rows']): Record<RowState, number> => {
  const counts = new Uint32Array(rowStates.length);
  for (const state of rows.state) counts[state]!++;
  const [pending, done, failed] = counts as unknown as [number, number, number];
  return { pending, done, failed };
});

const labelledOf = ({ score, trained }: InspectionRows, { label, byUser }: RowLabels): LabelledScores =>
  labelledScores({ score, trained, label, byUser });

const proposalsOf = (
  detector: Inspection['detector'],
  scores: LabelledScores,
  falseAlarmRate: number,
  missCost: number,
) => proposals(detector, scores, { falseAlarmRate, missCost });

const comparisonOf = (
  paths: InspectionRows['paths'],
  other: DatasetViewState['comparison'],
  threshold: number | undefined,
): Comparison | undefined =>
  other && threshold !== undefined ? compare(paths, other.inspection, threshold, other.taught) : undefined;

const changedOf = (score: Float32Array, threshold: number, comparison: Comparison | undefined) =>
  comparison ? verdictChanges(score, threshold, comparison) : undefined;

const orderOf = (
  rows: InspectionRows,
  labels: RowLabels,
  threshold: number,
  changed: Results['changed'],
  arrangement: Arrangement,
) => arrange({ rows, labels, threshold, changed }, arrangement);

/** Derives what is shown; what didn't change is the same object as before. */
export function deriver(): (model: Model) => Shown {
  const kept = {
    labels: memo((rows: InspectionRows, labels: Inspection['labels']) => rowLabels({ rows, labels })),
    types: memo(defectTypesOf),
    scores: memo(labelledOf),
    proposals: memo(proposalsOf),
    comparison: memo(comparisonOf),
    changed: memo(changedOf),
    order: memo(orderOf),
  };
  let settled = NaN;

  return (model) => {
    const { state, ui } = model;
    const { inspection, thresholds } = state;
    if (!inspection || !thresholds) return model;
    const { rows, detector } = inspection;
    const labels = kept.labels(rows, inspection.labels);
    const threshold = ui.draft ?? thresholds.image.value;
    if (!ui.dragging || Number.isNaN(settled)) settled = threshold;
    const scores = kept.scores(rows, labels);
    const comparison = kept.comparison(rows.paths, state.comparison, state.comparedThresholds?.calibrated.image);
    const changed = kept.changed(rows.score, settled, comparison);
    const follows = followsThreshold(ui.arrangement);
    const results: Results = {
      inspection,
      labels,
      defectTypes: kept.types(labels),
      thresholds,
      threshold,
      scores,
      counts: countsAt(scores, threshold),
      savedCounts: countsAt(scores, thresholds.image.value),
      proposals: kept.proposals(detector, scores, thresholds.askedRate, ui.missCost),
      order: kept.order(rows, labels, follows ? settled : NaN, follows ? changed : undefined, ui.arrangement),
      changed,
    };
    return { ...model, comparison, results };
  };
}
