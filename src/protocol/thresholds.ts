import { conformalThreshold } from '../nferd/calibration.ts';
import type { DetectorSummary } from './engine.ts';

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

/** Settings win over calibration; another false-alarm rate moves the calibrated image threshold, with no new inference. */
export function effectiveThresholds(
  { thresholds, calibrationScores }: Pick<DetectorSummary, 'thresholds' | 'calibrationScores'>,
  settings: ThresholdSettings,
): EffectiveThresholds {
  const rate = settings.falseAlarmRate;
  const { threshold, falseAlarmRate, promised } =
    rate !== null && calibrationScores.length > 0
      ? conformalThreshold(calibrationScores, rate)
      : { ...thresholds, threshold: thresholds.image };
  const choose = (setting: number | null, calibrated: number): Threshold =>
    setting === null ? { value: calibrated, origin: 'calibrated' } : { value: setting, origin: 'settings' };
  return {
    image: choose(settings.image, threshold),
    pixel: choose(settings.pixel, thresholds.pixel),
    calibrated: { image: threshold, pixel: thresholds.pixel },
    falseAlarmRate,
    promised,
  };
}

/** An image is anomalous when its score lies above the threshold; on it, it is normal. */
export const isAnomalous = (score: number, threshold: number): boolean => score > threshold;
