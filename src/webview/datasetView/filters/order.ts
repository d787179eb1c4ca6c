import { knownLabels, type KnownLabel } from '../../../dataset/labels.ts';
import { rowStates, type InspectionRows } from '../../../protocol/inspection.ts';
import type { RowLabels } from '../../../dataset/rowLabels.ts';
import { isAnomalous } from '../../../verdict/thresholds.ts';

export const sortKeys = ['score', 'distance', 'disagreement', 'name'] as const;
export type SortKey = (typeof sortKeys)[number];

export const verdictFilters = [
  'all',
  'anomalous',
  'normal',
  'falseAlarm',
  'missed',
  'changed',
  'failed',
  'pending',
] as const;
export type VerdictFilter = (typeof verdictFilters)[number];

export const labelFilters = ['all', ...knownLabels, 'byUser'] as const;
export type LabelFilter = KnownLabel | 'all' | 'byUser';

/** What the grid shows and in which order. */
export interface Arrangement {
  readonly sort: SortKey;
  /**
   * Against the key's own direction: highest score, least distance, worst disagreement and first
   * name come first.
   */
  readonly reversed: boolean;
  readonly verdict: VerdictFilter;
  readonly label: LabelFilter;
  /** A defect type; empty: all. */
  readonly defect: string;
  /** Scores that are shown, both ends included. */
  readonly scores?: readonly [low: number, high: number] | undefined;
  /** In the path, in any case. */
  readonly text: string;
}

export const everything: Arrangement = {
  sort: 'score',
  reversed: false,
  verdict: 'all',
  label: 'all',
  defect: '',
  text: '',
};

/** What rows are judged by. */
export interface Judged {
  readonly rows: InspectionRows;
  readonly labels: RowLabels;
  readonly threshold: number;
  /** Rows whose verdict another detector changes. */
  readonly changed?: ((row: number) => boolean) | undefined;
}

const index = (label: KnownLabel): number => knownLabels.indexOf(label);
const [normal, anomalous] = [index('normal'), index('anomalous')];
const [pending, failed] = [rowStates.indexOf('pending'), rowStates.indexOf('failed')];

/** Whether a row's label and verdict disagree: a false alarm, a miss, or neither. */
export function disagreement({ rows, labels, threshold }: Judged, row: number): 'falseAlarm' | 'missed' | undefined {
  const score = rows.score[row]!;
  if (Number.isNaN(score)) return undefined;
  const flagged = isAnomalous(score, threshold);
  if (flagged && labels.label[row] === normal) return 'falseAlarm';
  return !flagged && labels.label[row] === anomalous ? 'missed' : undefined;
}

const verdictTests: Readonly<Record<VerdictFilter, (judged: Judged, row: number) => boolean>> = {
  all: () => true,
  anomalous: ({ rows, threshold }, row) => rows.score[row]! > threshold,
  normal: ({ rows, threshold }, row) => rows.score[row]! <= threshold,
  falseAlarm: (judged, row) => disagreement(judged, row) === 'falseAlarm',
  missed: (judged, row) => disagreement(judged, row) === 'missed',
  changed: ({ changed }, row) => changed?.(row) ?? false,
  failed: ({ rows }, row) => rows.state[row] === failed,
  pending: ({ rows }, row) => rows.state[row] === pending,
};

/** Smaller comes first; NaN last. */
const keys: Readonly<Record<SortKey, (judged: Judged, row: number) => number>> = {
  score: ({ rows }, row) => -rows.score[row]!,
  distance: ({ rows, threshold }, row) => Math.abs(rows.score[row]! - threshold),
  // How far on the wrong side of the threshold; what has no label says nothing.
  disagreement: ({ rows, labels, threshold }, row) => {
    const label = labels.label[row];
    if (label !== normal && label !== anomalous) return NaN;
    return (rows.score[row]! - threshold) * (label === normal ? -1 : 1);
  },
  name: (_, row) => row,
};

/** Whether another threshold may change rows or order. */
export const followsThreshold = ({ sort, verdict }: Arrangement): boolean =>
  sort === 'distance' || sort === 'disagreement' || !['all', 'failed', 'pending'].includes(verdict);

/**
 * The rows that pass every filter, in order. Rows with the same key keep the order of their names.
 * O(n log n).
 */
export function arrange(judged: Judged, arrangement: Arrangement): Uint32Array {
  const { rows, labels } = judged;
  const { verdict, label, defect, scores, text, sort, reversed } = arrangement;
  const passes = verdictTests[verdict];
  const wanted = label === 'all' || label === 'byUser' ? -1 : index(label);
  const needle = text.trim().toLowerCase();
  const key = keys[sort];
  const sign = reversed ? -1 : 1;
  const found = new Uint32Array(rows.paths.length);
  const by = new Float64Array(rows.paths.length);
  let count = 0;
  for (let row = 0; row < found.length; row++) {
    if (wanted >= 0 && labels.label[row] !== wanted) continue;
    if (label === 'byUser' && !labels.byUser[row]) continue;
    if (defect && labels.defectType[row] !== defect) continue;
    if (scores && !(rows.score[row]! >= scores[0] && rows.score[row]! <= scores[1])) continue;
    if (!passes(judged, row)) continue;
    if (needle && !rows.paths[row]!.toLowerCase().includes(needle)) continue;
    found[count++] = row;
    const value = sign * key(judged, row);
    by[row] = Number.isNaN(value) ? Infinity : value;
  }
  const shown = found.slice(0, count);
  if (sort === 'name' && !reversed) return shown;
  return shown.sort((a, b) => by[a]! - by[b]! || a - b);
}

/** Defect types by name, each once: those of folders and those that the user gave. */
export const defectTypesOf = ({ defectType }: RowLabels): string[] =>
  [...new Set(defectType)].filter((name) => name !== undefined).sort((a, b) => a.localeCompare(b));
