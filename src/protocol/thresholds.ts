import { conformalThreshold } from '../nferd/calibration.ts';
import type { DetectorSummary, Thresholds } from './engine.ts';

/** What `nferd.threshold.*` say; null: as calibrated. */
export interface ThresholdSettings {
  readonly image: number | null;
  readonly pixel: number | null;
  readonly falseAlarmRate: number | null;
}

export interface Threshold {
  readonly value: number;
  readonly origin: 'settings' | 'calibrated';
}

/** What verdicts and contours are drawn from. */
export interface EffectiveThresholds {
  readonly image: Threshold;
  readonly pixel: Threshold;
  /** The calibrated image threshold, whatever the settings say, and the false-alarm rate that it promises. */
  readonly calibrated: { readonly image: number; readonly pixel: number };
  readonly falseAlarmRate: number;
  /** False where the held-out normal images are too few for the rate asked for. */
  readonly promised: boolean;
}

/** Settings win over calibration; another false-alarm rate moves both calibrated thresholds, with no new inference. */
export function effectiveThresholds(
  summary: Pick<DetectorSummary, 'thresholds' | 'calibrationScores' | 'calibrationPeaks'>,
  settings: ThresholdSettings,
): EffectiveThresholds {
  const { image, pixel, falseAlarmRate, promised } = calibrated(summary, settings.falseAlarmRate);
  const choose = (setting: number | null, calibrated: number): Threshold =>
    setting === null ? { value: calibrated, origin: 'calibrated' } : { value: setting, origin: 'settings' };
  return {
    image: choose(settings.image, image),
    pixel: choose(settings.pixel, pixel),
    calibrated: { image, pixel },
    falseAlarmRate,
    promised,
  };
}

function calibrated(
  { thresholds, calibrationScores, calibrationPeaks }: Parameters<typeof effectiveThresholds>[0],
  rate: number | null,
): Thresholds {
  if (rate === null || calibrationScores.length === 0) return thresholds;
  const { threshold, falseAlarmRate, promised } = conformalThreshold(calibrationScores, rate);
  return { image: threshold, pixel: conformalThreshold(calibrationPeaks, rate).threshold, falseAlarmRate, promised };
}

/**
 * An image is anomalous when its score lies above the threshold; on it, it is normal.
 * @throws RangeError where either is no number: that is a fault, never "normal"
 */
export function isAnomalous(score: number, threshold: number): boolean {
  if (Number.isNaN(score) || Number.isNaN(threshold))
    throw new RangeError(`A score of ${score} at a threshold of ${threshold} has no verdict.`);
  return score > threshold;
}
