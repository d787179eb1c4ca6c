/**
 * How good a detector is on labelled images, by the names that JSON and gates have. docs/method.md
 * defines them.
 */

export const metricNames = [
  'imageAuroc',
  'imageAp',
  'imageF1Max',
  /**
   * The largest recall of images while at most 5 % of the normal ones are flagged, whatever the
   * threshold.
   */
  'recallAt5',
  'pixelAuroc',
  'pixelAp',
  'pixelF1Max',
  /** Recall of defect regions up to a false-positive rate of 0.3, and of 0.05. */
  'aupro',
  'aupro05',
] as const;
type MetricName = (typeof metricNames)[number];

/** Absent where the images don't define it: no masks, or only one label. */
export interface Metrics extends Readonly<Partial<Record<MetricName, number>>> {
  readonly images: number;
}

/**
 * At one image threshold and at the detector's pixel threshold; absent where the images don't
 * define it.
 */
export interface Rates {
  /** Shares of the anomalous and of the normal images above the image threshold. */
  readonly recall?: number;
  readonly falseAlarmRate?: number;
  /** 95 % Clopper–Pearson interval of `falseAlarmRate`. */
  readonly falseAlarmInterval?: { readonly low: number; readonly high: number };
  /** Of all pixels above the pixel threshold and all defective ones. */
  readonly pixelF1?: number;
  readonly pixelIou?: number;
}

/** Every metric; null where it isn't defined, so that the keys are always there. */
export const metricsJson = (metrics: Metrics) => ({
  images: metrics.images,
  ...(Object.fromEntries(metricNames.map((name) => [name, metrics[name] ?? null])) as Record<
    MetricName,
    number | null
  >),
});

/** {@link metricsJson} of each defect type, with its recall. */
export const defectsJson = (perDefect: Readonly<Record<string, Metrics & { readonly recall: number }>>) =>
  Object.fromEntries(
    Object.entries(perDefect).map(([name, of]) => [name, { ...metricsJson(of), recall: of.recall }] as const),
  );

/** {@link metricsJson} of rates. */
export const ratesJson = (rates: { readonly [Name in keyof Rates]: Rates[Name] | undefined }) => ({
  recall: rates.recall ?? null,
  falseAlarmRate: rates.falseAlarmRate ?? null,
  falseAlarmInterval: rates.falseAlarmInterval ?? null,
  pixelF1: rates.pixelF1 ?? null,
  pixelIou: rates.pixelIou ?? null,
});
