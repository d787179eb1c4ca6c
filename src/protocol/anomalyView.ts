/**
 * What passes between the extension host and the webview "Anomaly view". The host owns the state;
 * the view shows it.
 */
import type { Detection, Neighbour } from './engine.ts';
import type { UserLabel } from '../dataset/labels.ts';
import type { MaskRuns } from '../dataset/maskRuns.ts';
import type { Rules } from '../verdict/rules.ts';
import type { EffectiveThresholds } from '../verdict/thresholds.ts';

export const colorMaps = ['inferno', 'viridis', 'cividis', 'grey'] as const;
export const layouts = ['overlay', 'sideBySide', 'flicker'] as const;
export const ranges = ['threshold', 'image'] as const;

export interface ViewerSettings {
  /** 0 … 1. */
  readonly opacity: number;
  readonly colorMap: (typeof colorMaps)[number];
  readonly contour: boolean;
  readonly layout: (typeof layouts)[number];
  /**
   * Colours span 0 … three times the pixel threshold, the same for every image, or this image's own
   * range.
   */
  readonly range: (typeof ranges)[number];
  /** Nearest normal patches shown for each stage. */
  readonly neighbours: number;
}

/** What the user chose in the view; carried from image to image until its setting changes. */
export interface UiState extends Partial<Omit<ViewerSettings, 'neighbours'>> {
  /** `map`, or `stage:NAME` or `attention:NAME`. */
  readonly layer?: string;
  /** A numbered box around each region. */
  readonly boxes?: boolean;
}

/** What a button of the view asks the host for. */
export type Action =
  'retry' | 'train' | 'selectDetector' | 'showLog' | 'openSettings' | 'openNumbers' | 'previous' | 'next';

export type Phase =
  | { readonly kind: 'busy'; readonly message: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string; readonly actions: readonly Action[] };

/** What the user says of an image; null: nothing. */
export interface GivenLabel {
  readonly label: UserLabel | null;
  /** Of an anomalous image. */
  readonly defectType: string | null;
}

/** The label is absent until it is known. */
export interface ViewState extends Partial<GivenLabel> {
  /** Grows with every change. */
  readonly revision: number;
  readonly image: {
    readonly path: string;
    readonly name: string;
    /** For `<img>`; changes when the file does. */
    readonly uri: string;
    /** Place in its folder, from 1; 0 until it is known. */
    readonly place: number;
    readonly count: number;
    /** Whether the host sends the file, so that the page needn't ask for it. */
    readonly sent?: boolean;
  };
  readonly phase: Phase;
  readonly settings: ViewerSettings;
  /** What makes an image anomalous beside its score. */
  readonly rules: Rules;
  /** Absent where nothing was chosen yet, not even in another view. */
  readonly ui?: UiState;
  /** One line for each setting that was refused. */
  readonly warnings: readonly string[];
  /** Both absent until there is a result. */
  readonly detection?: Detection;
  readonly thresholds?: EffectiveThresholds;
  /** Whether the image's mask was edited and not saved, perhaps in a window that is gone. */
  readonly unsavedMask?: boolean;
}

/** An image's file. */
export interface GivenPicture {
  /** As in `ViewState.image`. */
  readonly uri: string;
  readonly bytes: Uint8Array;
}

export type ViewChange = Pick<ViewState, 'revision'> & Partial<ViewState>;

export interface ShownNeighbour extends Neighbour {
  /** Of the source image, for `<img>`; absent where the webview may not read it. */
  readonly uri?: string;
}

export interface StageNeighbours {
  readonly stage: string;
  readonly neighbours: readonly ShownNeighbour[];
}

/** An image's mask at its own size. */
export interface KeptMask {
  /** Absent where there is none. */
  readonly stored?: MaskRuns;
  /** As it was edited and not saved. */
  readonly unsaved?: MaskRuns;
}

/** Served by the host. */
export interface AnomalyViewHost {
  /**
   * Called once the view listens: the page was made with a state that may be old. Undefined where
   * the view is up to date.
   */
  ready(shown: { readonly revision: number }): Promise<ViewState | undefined>;
  neighbours(request: { readonly x: number; readonly y: number }): Promise<readonly StageNeighbours[]>;
  /** PNG of an image that `<img>` could not show. */
  picture(request: { readonly image: string }): Promise<Uint8Array>;
  act(action: Action): Promise<void>;
  remember(ui: UiState): Promise<void>;
  openImage(request: { readonly path: string }): Promise<void>;
  /**
   * Asks where to, then saves; null: back to the calibrated value. False where the user thought
   * better of it.
   */
  saveThresholds(request: { readonly image?: number | null; readonly pixel?: number | null }): Promise<boolean>;
  /** Stores what the user says of the image; null takes it back. */
  setLabel(request: { readonly label: UserLabel | null }): Promise<void>;
  /** Asks for a defect type, then labels the image anomalous with it. */
  chooseDefectType(): Promise<void>;
  readMask(): Promise<KeptMask>;
  /**
   * Keeps an edited mask, also when the window is closed or killed, and saves it once the view
   * alone is closed; null: the edits were undone.
   */
  keepMask(mask: MaskRuns | null): Promise<void>;
  /** Stores the mask; an image with one is anomalous. */
  saveMask(mask: MaskRuns): Promise<void>;
  /**
   * Teaches a new version of the detector that what the mask marks, beyond what is stored as
   * defective, is normal after all; the dataset view shows its effect before it is accepted. False
   * where nothing was taught: the dataset view says why.
   */
  teachAsNormal(mask: MaskRuns): Promise<boolean>;
  /** Asks where to, then writes: for hosts without an image clipboard. */
  savePng(request: { readonly png: Uint8Array }): Promise<void>;
}

/** Served by the view: what changed. */
export interface AnomalyViewApp {
  update(change: ViewChange): Promise<void>;
  /** Once, while the page still loads. */
  picture(given: GivenPicture): Promise<void>;
}
