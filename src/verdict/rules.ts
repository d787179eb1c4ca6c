/** What else than the score makes an image anomalous: its regions above the pixel threshold. */
import { isAnomalous } from './thresholds.ts';

/** Areas are in square pixels of the image; null: no such rule. */
export interface Rules {
  /** A smaller region doesn't count. */
  readonly smallestArea: number;
  /** More regions are anomalous. */
  readonly mostRegions: number | null;
  /** A larger area of all regions together is anomalous. */
  readonly largestTotalArea: number | null;
}

export const noRules: Rules = { smallestArea: 0, mostRegions: null, largestTotalArea: null };

/** Whether a verdict needs the regions. */
export const needRegions = ({ mostRegions, largestTotalArea }: Rules): boolean =>
  mostRegions !== null || largestTotalArea !== null;

/** A rule that an image breaks: its value, and the limit that lies below. */
export interface Breach {
  readonly rule: 'score' | 'regions' | 'totalArea';
  readonly value: number;
  readonly limit: number;
}

/** What a verdict is made from. */
export interface Judged {
  readonly score: number;
  readonly threshold: number;
  /** Of all regions. */
  readonly areas: readonly number[];
}

export const counts = (area: number, { smallestArea }: Rules): boolean => area >= smallestArea;

/**
 * The rules that an image breaks, the score first; none: it is normal. On a limit it is normal.
 * @throws RangeError where the score or its threshold is no number
 */
export function breachesOf({ score, threshold, areas }: Judged, rules: Rules): Breach[] {
  const counting = areas.filter((area) => counts(area, rules));
  const total = counting.reduce((sum, area) => sum + area, 0);
  const broken = (rule: Breach['rule'], value: number, limit: number | null): Breach[] =>
    limit !== null && value > limit ? [{ rule, value, limit }] : [];
  return [
    ...(isAnomalous(score, threshold) ? broken('score', score, threshold) : []),
    ...broken('regions', counting.length, rules.mostRegions),
    ...broken('totalArea', total, rules.largestTotalArea),
  ];
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));

/** A breach in words, in English. */
export function breachText({ rule, value, limit }: Breach): string {
  const texts: Readonly<Record<Breach['rule'], () => string>> = {
    score: () => `score ${figure(value)} above ${figure(limit)}`,
    regions: () => `${value} ${value === 1 ? 'region' : 'regions'}, at most ${limit} allowed`,
    totalArea: () => `${figure(value)} px² in all regions, at most ${figure(limit)} allowed`,
  };
  return texts[rule]();
}
