/**
 * What passes between the extension host and the webview "Dataset view". The host owns labels,
 * history and settings; the view shows them.
 */
import type { ViewerSettings } from './anomalyView.ts';
import type { EffectiveThresholds } from '../verdict/thresholds.ts';
import type { Progress } from './engine.ts';
import type { LabelLine, UserLabel } from '../dataset/labels.ts';
import type { Inspection, InspectionMetrics, InspectionRows, Thumbnail } from './inspection.ts';

export interface DatasetViewState {
  /** The inspected folder, and how the view calls it. */
  readonly folder: string;
  readonly name: string;
  readonly inspection?: Inspection;
  /**
   * Another detector's results on the same folder; `taught`: a new version that waits to be
   * accepted.
   */
  readonly comparison?: { readonly inspection: Inspection; readonly taught: boolean } | undefined;
  /** Absent or undefined when nothing runs. */
  readonly progress?: Progress | undefined;
  /** One line; what went wrong, with a button to try again. */
  readonly failure?: string | undefined;
  /** Whether the failure is that there is no detector yet. */
  readonly needsDetector: boolean;
  /** Of the inspection's detector; absent as long as that is. */
  readonly thresholds?: EffectiveThresholds;
  /**
   * Of the comparison's detector: the calibrated ones count, as the settings' are meant for the one
   * in use.
   */
  readonly comparedThresholds?: EffectiveThresholds | undefined;
  /** Whether images are also judged by their regions, elsewhere: here the score alone counts. */
  readonly hasRules?: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly canUndoThreshold: boolean;
  readonly colorMap: ViewerSettings['colorMap'];
  /** Detectors that the folder could be compared with. */
  readonly detectors: readonly { readonly folder: string; readonly name: string }[];
}

/** Served by the host. */
export interface DatasetViewHost {
  /** Called once the view listens. */
  ready(): Promise<DatasetViewState>;
  thumbnails(request: { readonly rows: readonly number[]; readonly detector?: string }): Promise<readonly Thumbnail[]>;
  metrics(request: { readonly imageThreshold: number }): Promise<InspectionMetrics>;
  projection(): Promise<{ readonly x: Float32Array; readonly y: Float32Array }>;
  /**
   * Stored results of another detector on the same folder become the state's comparison; runs it
   * where there are none.
   */
  compareWith(request: { readonly detector: string }): Promise<void>;
  endComparison(): Promise<void>;
  /** Labels rows at once; one entry of the history. `label: null` takes the label back. */
  label(request: {
    readonly images: readonly string[];
    readonly label: UserLabel | null;
    readonly defectType?: string;
  }): Promise<void>;
  /** `skipped`: images that were labelled elsewhere meanwhile, and stay as they are. */
  undo(): Promise<{ readonly skipped: number }>;
  redo(): Promise<{ readonly skipped: number }>;
  /**
   * Asks where to save, then writes settings.json; null: back to the calibrated value. False where
   * the user thought better of it.
   */
  saveThresholds(request: { readonly image: number | null }): Promise<boolean>;
  /** Takes back the last saveThresholds. */
  undoThreshold(): Promise<boolean>;
  /**
   * Asks what of the images is normal (their flagged regions, or all of them), makes a new version
   * of the detector that knows it and runs it over the folder: the state's comparison. It is in no
   * use before it is accepted.
   */
  teachAsNormal(request: { readonly images: readonly string[] }): Promise<void>;
  /** Uses the taught detector from now on; the old one stays. */
  acceptTaught(): Promise<void>;
  /** Deletes the taught detector. */
  discardTaught(): Promise<void>;
  openImage(request: { readonly image: string }): Promise<void>;
  /** These three ask for the format and the place. */
  exportLabels(): Promise<void>;
  importLabels(): Promise<void>;
  writeReport(request: { readonly imageThreshold: number }): Promise<void>;
  /** Runs the inspection again (what is stored is not repeated), or stops it. */
  inspect(): Promise<void>;
  cancel(): Promise<void>;
  selectDetector(): Promise<void>;
  /** Offers to train one on normal images. */
  train(): Promise<void>;
}

/** What the view remembers of itself while it is hidden, and what a restored panel is found by. */
export interface DatasetPage {
  readonly folder: string;
}

/** What an inspection under way has found so far: of the same images in the same order. */
export type Found = Pick<InspectionRows, 'state' | 'score' | 'peak' | 'failures'>;

/**
 * What changed. VS Code hands a webview no key whose value is undefined: those that went are named.
 */
export interface StateChange {
  readonly now: Partial<DatasetViewState>;
  readonly gone: readonly (keyof DatasetViewState)[];
}

export const stateChange = (change: Partial<DatasetViewState>): StateChange => ({
  now: change,
  gone: (Object.keys(change) as (keyof DatasetViewState)[]).filter((key) => change[key] === undefined),
});

/** What `stateChange` was made from. */
export const changedState = ({ now, gone }: StateChange): Partial<DatasetViewState> => ({
  ...now,
  ...Object.fromEntries(gone.map((key) => [key, undefined])),
});

/** Served by the view: what changed. `labelled` replaces the lines of these images only. */
export interface DatasetViewApp {
  update(change: StateChange): Promise<void>;
  found(found: Found): Promise<void>;
  labelled(lines: readonly LabelLine[]): Promise<void>;
}
