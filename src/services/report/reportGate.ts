import type { InspectionMetrics } from '../../protocol/inspection.ts';
import { metricNames } from '../../protocol/metrics.ts';
import type { Counts } from '../../verdict/proposal.ts';
import { UserError } from '../ports/errors.ts';

/** What gates are judged on. */
export interface Gated {
  readonly metrics: InspectionMetrics;
  /** At the image threshold, of the images that `metrics` are of. */
  readonly counts: Counts;
  /** Images that could not be looked at, and all. */
  readonly failed: number;
  readonly total: number;
}

const share = (part: number, whole: number): number | undefined => (whole > 0 ? part / whole : undefined);

/** Name in a gate → its value; undefined where the labels don't define it. */
export const gateMetrics: Readonly<Record<string, (of: Gated) => number | undefined>> = {
  ...Object.fromEntries(metricNames.map((name) => [name, ({ metrics }: Gated) => metrics[name]])),
  recall: ({ metrics }) => metrics.recall,
  precision: ({ counts }) =>
    share(counts.anomalous - counts.misses, counts.anomalous - counts.misses + counts.falseAlarms),
  falseAlarmRate: ({ metrics }) => metrics.falseAlarmRate,
  pixelF1: ({ metrics }) => metrics.pixelF1,
  pixelIou: ({ metrics }) => metrics.pixelIou,
  falseAlarms: ({ counts }) => (counts.normal > 0 ? counts.falseAlarms : undefined),
  misses: ({ counts }) => (counts.anomalous > 0 ? counts.misses : undefined),
  images: ({ metrics }) => metrics.images,
  failed: ({ failed }) => failed,
};

export interface Gate {
  /** As the user wrote it. */
  readonly text: string;
  readonly name: string;
  /** Of one defect type: `recall[crack]<0.9`. */
  readonly defect?: string;
  readonly fails: (value: number) => boolean;
}

const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};
const ofDefects = ['recall', ...metricNames, 'images'] as const;

/**
 * Reads `recall<0.95`, `falseAlarmRate > 5%`, `recall[crack]<0.9`: what must not be.
 * @throws UserError
 */
export function parseGate(text: string): Gate {
  const match = /^\s*([a-z]\w*)\s*(?:\[(.+)\])?\s*(<=?|>=?)\s*(-?[\d.]+(?:e-?\d+)?)\s*(%?)\s*$/i.exec(text);
  const limit = Number(match?.[4]);
  if (!match || Number.isNaN(limit))
    throw new UserError(
      `--fail-if "${text}": not a comparison. Write a metric, <, <=, > or >=, and a number: "recall<0.95".`,
    );
  const [, given, defect, comparison, , percent] = match;
  const known = defect === undefined ? Object.keys(gateMetrics) : ofDefects;
  const name = known.find((metric) => metric.toLowerCase() === given!.toLowerCase());
  if (name === undefined)
    throw new UserError(`--fail-if "${text}": no metric is called "${given}". Choose of ${known.join(', ')}.`);
  const bound = percent ? limit / 100 : limit;
  return {
    text: text.trim(),
    name,
    ...(defect !== undefined && { defect }),
    fails: (value) => comparisons[comparison!]!(value, bound),
  };
}

export interface Judged {
  readonly gate: string;
  readonly value: number;
  readonly failed: boolean;
}

/**
 * Judges what was found.
 * @throws UserError where the labels don't define a gate's metric: what can't be measured must not
 * pass
 */
export function judge(gates: readonly Gate[], gated: Gated): Judged[] {
  return gates.map(({ text, name, defect, fails }) => {
    const value = defect === undefined ? gateMetrics[name]!(gated) : ofDefect(gated.metrics, text, name, defect);
    if (value === undefined)
      throw new UserError(
        `--fail-if "${text}": the labels don't define ${name}. Label normal and anomalous images first.`,
      );
    return { gate: text, value, failed: fails(value) };
  });
}

function ofDefect({ perDefect }: InspectionMetrics, text: string, name: string, defect: string): number | undefined {
  const found = Object.hasOwn(perDefect, defect) ? perDefect[defect] : undefined;
  if (!found) {
    const known = Object.keys(perDefect).join(', ') || 'none';
    throw new UserError(`--fail-if "${text}": no image is labelled as "${defect}". Defect types: ${known}.`);
  }
  return found[name as (typeof ofDefects)[number]];
}
