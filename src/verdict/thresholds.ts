import { conformalThreshold } from './conformal.ts';

/**
 * Calibrated on held-out normal images; undefined where too few of them promise the rate asked for.
 */
export interface Thresholds {
  readonly image: number;
  readonly pixel: number;
  /** The false-alarm rate that `image` promises. */
  readonly falseAlarmRate: number;
  /**
   * False where the held-out normals are too few for the rate; the threshold is then the largest
   * normal score.
   */
  readonly promised: boolean;
}

/**
 * What a detector knows of its normal images: enough to move its thresholds without a new
 * inference.
 */
export interface Calibrated {
  readonly thresholds: Thresholds;
  /** Scores of the held-out normal images, ascending. */
  readonly calibrationScores: readonly number[];
  /** Largest values of the held-out normal images' anomaly maps, ascending. */
  readonly calibrationPeaks: readonly number[];
}

/** What `nferd.threshold.*` say; null: as calibrated. */
export interface ThresholdSettings {
  readonly image: number | null;
  readonly pixel: number | null;
  readonly falseAlarmRate: number | null;
}

interface Threshold {
  readonly value: number;
  readonly origin: 'settings' | 'calibrated';
}

/** What verdicts and contours are drawn from. */
export interface EffectiveThresholds {
  readonly image: Threshold;
  readonly pixel: Threshold;
  /**
   * The calibrated image threshold, whatever the settings say, and the false-alarm rate that it
   * promises.
   */
  readonly calibrated: { readonly image: number; readonly pixel: number };
  readonly falseAlarmRate: number;
  /** The rate that was asked for, by the settings or else when the detector was trained. */
  readonly askedRate: number;
  /** False where the held-out normal images are too few for the rate asked for. */
  readonly promised: boolean;
}

/**
 * Settings win over calibration; another false-alarm rate moves both calibrated thresholds, with no
 * new inference.
 */
export function effectiveThresholds(detector: Calibrated, settings: ThresholdSettings): EffectiveThresholds {
  const { image, pixel, falseAlarmRate, promised } = calibrated(detector, settings.falseAlarmRate);
  const choose = (setting: number | null, calibrated: number): Threshold =>
    setting === null ? { value: calibrated, origin: 'calibrated' } : { value: setting, origin: 'settings' };
  return {
    image: choose(settings.image, image),
    pixel: choose(settings.pixel, pixel),
    calibrated: { image, pixel },
    falseAlarmRate,
    askedRate: settings.falseAlarmRate ?? detector.thresholds.falseAlarmRate,
    promised,
  };
}

function calibrated({ thresholds, calibrationScores, calibrationPeaks }: Calibrated, rate: number | null): Thresholds {
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
