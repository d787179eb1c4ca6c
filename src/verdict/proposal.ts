import { conformalThreshold } from './conformal.ts';
import { knownLabels } from '../dataset/labels.ts';
import { rowLabels, type LabelledRows } from '../dataset/rowLabels.ts';
import type { Calibrated } from './thresholds.ts';

/** Columns of an inspection that thresholds are made from. */
export interface ScoredRows {
  /** NaN where there is none. */
  readonly score: ArrayLike<number>;
  /** Index in knownLabels. */
  readonly label: ArrayLike<number>;
  /** 1 where the detector was trained on the image: left out. */
  readonly trained: ArrayLike<number>;
  /** 1 where the user gave the label. */
  readonly byUser: ArrayLike<number>;
}

/** Scores of labelled images, each ascending: what counts at a threshold are read from. */
export interface LabelledScores {
  readonly normal: Float64Array;
  readonly anomalous: Float64Array;
  /** Those of `normal` that the user called so: they join the calibration. */
  readonly userNormal: Float64Array;
}

/**
 * What a threshold does to the labelled images; an image is flagged where its score lies above it.
 */
export interface Counts {
  readonly falseAlarms: number;
  readonly misses: number;
  readonly normal: number;
  readonly anomalous: number;
}

/** The part of an inspection that thresholds are made from. */
export interface InspectedRows extends LabelledRows {
  readonly rows: LabelledRows['rows'] & Pick<ScoredRows, 'score' | 'trained'>;
}

/**
 * The columns of an inspection with the user's labels; `labels` may be newer than the inspection's
 * own.
 */
export const scoredRows = (inspection: InspectedRows): ScoredRows => ({
  score: inspection.rows.score,
  trained: inspection.rows.trained,
  ...rowLabels(inspection),
});

/** Sorts once, O(n log n); countsAt is then cheap enough for every frame of a drag. */
export function labelledScores({ score, label, trained, byUser }: ScoredRows): LabelledScores {
  const [normal, anomalous, userNormal]: number[][] = [[], [], []];
  const [normalLabel, anomalousLabel] = [knownLabels.indexOf('normal'), knownLabels.indexOf('anomalous')];
  for (let row = 0; row < score.length; row++) {
    const value = score[row]!;
    if (Number.isNaN(value) || trained[row]) continue;
    if (label[row] === anomalousLabel) anomalous!.push(value);
    else if (label[row] === normalLabel) {
      normal!.push(value);
      if (byUser[row]) userNormal!.push(value);
    }
  }
  const sorted = (values: readonly number[] = []): Float64Array => Float64Array.from(values).sort();
  return { normal: sorted(normal), anomalous: sorted(anomalous), userNormal: sorted(userNormal) };
}

/** False alarms and misses at a threshold, O(log n). */
export function countsAt({ normal, anomalous }: LabelledScores, threshold: number): Counts {
  return {
    falseAlarms: normal.length - notAbove(normal, threshold),
    misses: notAbove(anomalous, threshold),
    normal: normal.length,
    anomalous: anomalous.length,
  };
}

/** How many of the ascending `values` do not exceed `limit`. */
function notAbove(values: ArrayLike<number>, limit: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * `conformal` rests on normal images alone; the others fit the anomalous ones that are labelled.
 */
export const proposalKinds = ['conformal', 'bestF1', 'cost'] as const;
export type ProposalKind = (typeof proposalKinds)[number];

export interface Proposal {
  readonly kind: ProposalKind;
  readonly threshold: number;
  readonly counts: Counts;
  /** Of `conformal`: the rate, whether it is promised, and the normal scores it rests on. */
  readonly falseAlarmRate?: number;
  readonly promised?: boolean;
  readonly calibratedOn?: number;
  /**
   * Of `conformal`: how many of them the user labelled. Those are the flagged images, not a random
   * sample of the normal ones, so a threshold fitted to them promises nothing.
   */
  readonly fromLabels?: number;
  /** Of `bestF1`. */
  readonly f1?: number;
  /** Of `cost`: missCost · misses + falseAlarmCost · falseAlarms. */
  readonly cost?: number;
}

export interface ProposalOptions {
  /** Share of normal images that may be flagged; the detector's where absent. */
  readonly falseAlarmRate?: number;
  /** What a missed anomaly costs, 10 where absent, against `falseAlarmCost`, 1 where absent. */
  readonly missCost?: number;
  readonly falseAlarmCost?: number;
}

/**
 * Thresholds that the labels speak for: conformal always (where there are calibration scores), best
 * F1 and the cheapest where anomalous and normal images are labelled.
 */
export function proposals(
  summary: Pick<Calibrated, 'calibrationScores' | 'thresholds'>,
  scores: LabelledScores,
  options: ProposalOptions = {},
): Proposal[] {
  const found = [conformalProposal(summary, scores, options.falseAlarmRate)];
  if (scores.anomalous.length > 0 && scores.normal.length > 0)
    found.push(bestF1Proposal(scores), costProposal(scores, options));
  return found.filter((proposal) => proposal !== undefined);
}

/**
 * The conformal threshold on the calibration scores and those of images that the user called
 * normal, false positives among them. An image whose own score calibrated (it was held out of
 * training) does not count twice. With the user's images among them it is fitted, not promised.
 */
export function conformalProposal(
  { calibrationScores, thresholds }: Pick<Calibrated, 'calibrationScores' | 'thresholds'>,
  scores: LabelledScores,
  rate = thresholds.falseAlarmRate,
): Proposal | undefined {
  const all = enlarged(calibrationScores, scores.userNormal);
  if (all.length === 0) return undefined;
  const fromLabels = all.length - calibrationScores.length;
  const { threshold, falseAlarmRate, promised } = conformalThreshold(all, rate);
  return {
    kind: 'conformal',
    threshold,
    falseAlarmRate,
    promised: promised && fromLabels === 0,
    calibratedOn: all.length,
    fromLabels,
    counts: countsAt(scores, threshold),
  };
}

/** Both ascending; scores of one image by two runs differ by rounding at most. */
function enlarged(calibration: readonly number[], added: Float64Array): number[] {
  const known = calibration.toSorted((a, b) => a - b);
  const fresh: number[] = [];
  let at = 0;
  for (const score of added) {
    const same = 1e-5 * Math.max(1, Math.abs(score));
    while (at < known.length && known[at]! < score - same) at++;
    if (at < known.length && known[at]! <= score + same) at++;
    else fresh.push(score);
  }
  return [...known, ...fresh];
}

/**
 * The largest F1 = 2·TP / (2·TP + FP + FN); of several, the highest threshold: the fewest false
 * alarms.
 */
export function bestF1Proposal(scores: LabelledScores): Proposal {
  const f1Of = ({ falseAlarms, misses, anomalous }: Counts): number => {
    const hits = anomalous - misses;
    return hits === 0 ? 0 : (2 * hits) / (2 * hits + falseAlarms + misses);
  };
  const { threshold, counts, value } = best(scores, f1Of);
  return { kind: 'bestF1', threshold, counts, f1: value };
}

/**
 * The least missCost · misses + falseAlarmCost · falseAlarms; of several, the highest threshold.
 */
export function costProposal(scores: LabelledScores, { missCost = 10, falseAlarmCost = 1 }: ProposalOptions): Proposal {
  const { threshold, counts, value } = best(
    scores,
    ({ falseAlarms, misses }) => -(missCost * misses + falseAlarmCost * falseAlarms),
  );
  return { kind: 'cost', threshold, counts, cost: 0 - value };
}

/**
 * Tries every threshold that tells two labelled images apart, from the one that flags nothing down.
 */
function best(scores: LabelledScores, worth: (counts: Counts) => number) {
  const { normal, anomalous } = scores;
  const distinct = [...new Set([...normal, ...anomalous])].sort((a, b) => b - a);
  let [flaggedNormal, flaggedAnomalous] = [0, 0];
  const counts = (): Counts => ({
    falseAlarms: flaggedNormal,
    misses: anomalous.length - flaggedAnomalous,
    normal: normal.length,
    anomalous: anomalous.length,
  });
  let found = { threshold: distinct[0] ?? 0, counts: counts(), value: worth(counts()) };
  distinct.forEach((score, at) => {
    while (normal[normal.length - 1 - flaggedNormal]! >= score) flaggedNormal++;
    while (anomalous[anomalous.length - 1 - flaggedAnomalous]! >= score) flaggedAnomalous++;
    const value = worth(counts());
    if (value <= found.value) return;
    const next = distinct[at + 1];
    found = { threshold: next === undefined ? below(score) : between(next, score), counts: counts(), value };
  });
  return found;
}

/** Halfway; the lower one where rounding would reach the upper. */
const between = (low: number, high: number): number => {
  const middle = low + (high - low) / 2;
  return middle < high ? middle : low;
};

const below = (score: number): number => score - Math.max(Math.abs(score), 1e-6) * 1e-6;

/** How `to` differs from `from`; positive numbers are fewer false alarms and more misses. */
export interface Change {
  readonly fewerFalseAlarms: number;
  readonly moreMisses: number;
  /** Labelled images that both count. */
  readonly labelled: number;
}

export const changeOf = (from: Counts, to: Counts): Change => ({
  fewerFalseAlarms: from.falseAlarms - to.falseAlarms,
  moreMisses: to.misses - from.misses,
  labelled: to.normal + to.anomalous,
});

/**
 * `["3 fewer false alarms", "1 more miss", "on 12 labelled images"]`; parts that do not change are
 * left out.
 */
export function changeParts({ fewerFalseAlarms, moreMisses, labelled }: Change): string[] {
  const part = (fewer: number, one: string, many: string): string[] => {
    const count = Math.abs(fewer);
    if (count === 0) return [];
    return [`${count} ${fewer > 0 ? 'fewer' : 'more'} ${count === 1 ? one : many}`];
  };
  const changed = [...part(fewerFalseAlarms, 'false alarm', 'false alarms'), ...part(0 - moreMisses, 'miss', 'misses')];
  return [
    ...(changed.length > 0 ? changed : ['no change']),
    `on ${labelled} labelled image${labelled === 1 ? '' : 's'}`,
  ];
}

/** `3 fewer false alarms, 1 more miss, on 12 labelled images` */
export const changeText = (change: Change): string => changeParts(change).join(', ');
