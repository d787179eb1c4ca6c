/** What passes between the extension host and the webview "Anomaly view". The host owns the state; the view shows it. */
import type { Detection, Neighbour } from './engine.ts';
import type { EffectiveThresholds } from './thresholds.ts';

export const colorMaps = ['inferno', 'viridis', 'cividis', 'grey'] as const;
export const layouts = ['overlay', 'sideBySide', 'flicker'] as const;
export const ranges = ['threshold', 'image'] as const;

export interface ViewerSettings {
  /** 0 … 1. */
  readonly opacity: number;
  readonly colorMap: (typeof colorMaps)[number];
  readonly contour: boolean;
  readonly layout: (typeof layouts)[number];
  /** Colours span 0 … three times the pixel threshold, the same for every image, or this image's own range. */
  readonly range: (typeof ranges)[number];
  /** Nearest normal patches shown for each stage. */
  readonly neighbours: number;
}

/** What the user chose in the view; carried from image to image until a setting changes. */
export interface UiState extends Partial<Omit<ViewerSettings, 'neighbours'>> {
  /** `map`, or `stage:NAME` or `attention:NAME`. */
  readonly layer?: string;
}

/** What a button of the view asks the host for. */
export const actions = [
  'retry',
  'train',
  'selectDetector',
  'showLog',
  'openSettings',
  'openNumbers',
  'previous',
  'next',
] as const;
export type Action = (typeof actions)[number];

export type Phase =
  | { readonly kind: 'busy'; readonly message: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string; readonly actions: readonly Action[] };

export interface ViewState {
  readonly image: {
    readonly path: string;
    readonly name: string;
    /** For `<img>`; changes when the file does. */
    readonly uri: string;
    /** Place in its folder, from 1; 0 until it is known. */
    readonly place: number;
    readonly count: number;
  };
  readonly phase: Phase;
  readonly settings: ViewerSettings;
  readonly ui: UiState;
  /** One line for each setting that was refused. */
  readonly warnings: readonly string[];
  /** Both absent until there is a result. */
  readonly detection?: Detection;
  readonly thresholds?: EffectiveThresholds;
}

export interface ShownNeighbour extends Neighbour {
  /** Of the source image, for `<img>`; absent where the webview may not read it. */
  readonly uri?: string;
}

export interface StageNeighbours {
  readonly stage: string;
  readonly neighbours: readonly ShownNeighbour[];
}

/** Served by the host. */
export interface AnomalyViewHost {
  /** Called once the view listens. */
  ready(): Promise<ViewState>;
  neighbours(request: { readonly x: number; readonly y: number }): Promise<readonly StageNeighbours[]>;
  /** PNG of an image that `<img>` could not show. */
  picture(request: { readonly image: string }): Promise<Uint8Array>;
  act(action: Action): Promise<void>;
  remember(ui: UiState): Promise<void>;
  openImage(request: { readonly path: string }): Promise<void>;
  /** Asks where to, then saves; null: back to the calibrated value. False where the user thought better of it. */
  saveThresholds(request: { readonly image?: number | null; readonly pixel?: number | null }): Promise<boolean>;
  /** Asks where to, then writes: for hosts without an image clipboard. */
  savePng(request: { readonly png: Uint8Array }): Promise<void>;
}

/** Served by the view: what changed. */
export interface AnomalyViewApp {
  update(change: Partial<ViewState>): Promise<void>;
}
