/**
 * A dataset folder seen by a detector: what the engine's process stores, the user's labels, and
 * what refining the threshold needs. Paths of images are relative to the inspected folder, with
 * `/`; folders are absolute.
 */
import type { LabelLine } from '../dataset/labels.ts';
import type { DetectorSummary } from './engine.ts';
import type { MaskRuns } from '../dataset/maskRuns.ts';
import type { Metrics, Rates } from './metrics.ts';
import type { Rules } from '../verdict/rules.ts';

export const rowStates = ['pending', 'done', 'failed'] as const;
export type RowState = (typeof rowStates)[number];

/**
 * One entry per image in natural order of `paths`: columns, so that 100,000 rows cross processes as
 * a few buffers.
 */
export interface InspectionRows {
  readonly paths: readonly string[];
  /** Index in rowStates. */
  readonly state: Uint8Array;
  /** Image score; NaN until done. */
  readonly score: Float32Array;
  /** Largest value of the anomaly map; NaN until done. */
  readonly peak: Float32Array;
  /** Index in knownLabels, from the folder alone. */
  readonly folderLabel: Uint8Array;
  /** Index in `defectTypes`, from the folder alone; -1: none. */
  readonly folderDefect: Int16Array;
  readonly defectTypes: readonly string[];
  /**
   * 1 where the detector was trained on the image: it is shown, and left out of metrics and
   * proposals.
   */
  readonly trained: Uint8Array;
  /** Why rows failed, by row. */
  readonly failures: Readonly<Record<number, string>>;
}

export interface Inspection {
  readonly folder: string;
  readonly layout: string;
  readonly detector: DetectorSummary;
  readonly rows: InspectionRows;
  /** The user's labels by image: the last line of each. */
  readonly labels: Readonly<Record<string, LabelLine>>;
  /** What the user may want to know: one line each. */
  readonly notes: readonly string[];
}

export interface Thumbnail {
  readonly row: number;
  /** JPEG or PNG, its longer side at most `thumbnailSide`; absent where the image failed. */
  readonly picture?: Uint8Array;
  /**
   * Anomaly map at `mapSide`×`mapSide`: 0 … 255 for 0 … three times the calibrated pixel threshold.
   */
  readonly map?: Uint8Array;
}
export const thumbnailSide = 160;
export const mapSide = 64;

export interface CurvePoints {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Score (or map value) at which each point is reached. */
  readonly threshold: Float64Array;
}

/** Equal to `nferd evaluate`'s on the same labels. */
export interface InspectionMetrics extends Metrics, Rates {
  /** Each defect type against all normal images; `images` are the type's own. */
  readonly perDefect: Readonly<Record<string, Metrics & { readonly recall: number }>>;
  /** x: false-positive rate, y: true-positive rate. */
  readonly roc?: CurvePoints;
  /** x: recall, y: precision. */
  readonly precisionRecall?: CurvePoints;
  /**
   * x: false-positive rate of normal pixels up to 0.3, y: mean recall over defect regions. At most
   * 1,000 points.
   */
  readonly pro?: CurvePoints;
  /** Masks that can't be laid on their images: one line each; absent where there are none. */
  readonly notes?: readonly string[];
}

export interface InspectionKey {
  readonly folder: string;
  /** The detector's folder. */
  readonly detector: string;
}

/** `mvtec` is a folder with masks; `fiftyone` a FiftyOneDataset folder (samples.json). */
export const labelFormats = ['mvtec', 'coco', 'csv', 'fiftyone'] as const;
export type LabelFormat = (typeof labelFormats)[number];

export interface ImportSummary {
  readonly images: number;
  readonly masks: number;
  /** What was skipped and why: one line each. */
  readonly notes: readonly string[];
}

export const reportFormats = ['html', 'csv', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/**
 * What is normal after all: the whole image, a box in shares (0 … 1) of its width and height, or
 * what a mask of it marks.
 */
export interface NormalRegion {
  readonly image: string;
  readonly region?: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  /** At any size; covers the whole image. */
  readonly mask?: MaskRuns;
}

/**
 * What is taught as normal: regions, or all that lies above a pixel threshold in the stored maps of
 * some images.
 */
export type NormalPlaces =
  | { readonly regions: readonly NormalRegion[] }
  | { readonly flagged: readonly string[]; readonly pixelThreshold: number };

/** Served by the engine's process beside `Engine`. */
export interface InspectionEngine {
  /**
   * Runs the detector over every image that has no stored result for its content and this detector.
   * Progress as in training; cancelled or killed, what is done is stored.
   */
  inspect(key: InspectionKey): Promise<Inspection>;
  /** What is stored so far, without running anything; images never looked at are pending. */
  readInspection(key: InspectionKey): Promise<Inspection>;
  thumbnails(request: InspectionKey & { readonly rows: readonly number[] }): Promise<readonly Thumbnail[]>;
  /** With the user's labels and masks; at the image threshold given, else the calibrated one. */
  inspectionMetrics(request: InspectionKey & { readonly imageThreshold?: number }): Promise<InspectionMetrics>;
  /** Image embeddings in two dimensions, one point per row; NaN where there is no result. */
  projection(key: InspectionKey): Promise<{ readonly x: Float32Array; readonly y: Float32Array }>;
  /**
   * The user's labels by image, those in label files of folders below included: the file nearest to
   * an image wins. With `image`, that image's alone, which needs no look at all of the folder.
   */
  readLabels(request: {
    readonly folder: string;
    readonly image?: string;
  }): Promise<Readonly<Record<string, LabelLine>>>;
  /**
   * Appends to the label file nearest to each image, at or below `folder`, before it resolves; safe
   * against other windows.
   */
  appendLabels(request: { readonly folder: string; readonly lines: readonly LabelLine[] }): Promise<void>;
  /**
   * Writes a mask (row-major, 1 = defective) and returns the path for its LabelLine; each content
   * has a path of its own, so earlier lines keep theirs. An empty mask is written where it has a
   * mask of the dataset's to erase, else it is no file: undefined, the line needs no mask.
   */
  writeMask(request: {
    readonly folder: string;
    readonly image: string;
    readonly width: number;
    readonly height: number;
    readonly mask: Uint8Array;
  }): Promise<string | undefined>;
  /**
   * The image's mask, the user's or the dataset's, at the image's size; undefined where there is
   * none.
   */
  readMask(request: {
    readonly folder: string;
    readonly image: string;
  }): Promise<{ readonly width: number; readonly height: number; readonly mask: Uint8Array } | undefined>;
  exportLabels(request: {
    readonly folder: string;
    readonly format: LabelFormat;
    readonly out: string;
  }): Promise<ImportSummary>;
  importLabels(request: {
    readonly folder: string;
    readonly format: LabelFormat;
    readonly from: string;
  }): Promise<ImportSummary>;
  writeReport(
    request: InspectionKey & {
      readonly format: ReportFormat;
      readonly out: string;
      /** As calibrated where absent. */
      readonly imageThreshold?: number;
      readonly pixelThreshold?: number;
      /** None where absent. */
      readonly rules?: Rules;
    },
  ): Promise<void>;
  /**
   * A new detector in `out` whose banks also hold the places' features, calibrated anew; `detector`
   * stays as it is.
   */
  teachAsNormal(
    request: InspectionKey & { readonly places: NormalPlaces; readonly out: string },
  ): Promise<DetectorSummary>;
}
