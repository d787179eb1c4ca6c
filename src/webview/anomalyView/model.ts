import type { StageNeighbours, UiState, ViewerSettings, ViewState } from '../../protocol/anomalyView.ts';
import type { Detection } from '../../protocol/engine.ts';
import { isAnomalous } from '../../verdict/thresholds.ts';
import type { Picture } from '../lib/picture.ts';
import { layersOf, type Layer } from './layers.ts';

/** A place of the image, 0 … 1 of its width and height. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Everything the view is drawn from. */
export interface Model {
  readonly state: ViewState;
  readonly picture?: Picture;
  /** Why there is no picture. */
  readonly pictureFailure?: string;
  /** Thresholds as moved by a slider and not saved yet. */
  readonly draft: { readonly image?: number; readonly pixel?: number };
  readonly probe?: Place;
  readonly neighbours?: readonly StageNeighbours[];
  readonly neighboursFailure?: string;
  /** Why the label was not given or not stored. */
  readonly labelNote?: string | undefined;
  /** False while the map is hidden, by flicker or by the user. */
  readonly mapShown: boolean;
}

/** The settings, and what the user chose in the view on top of them. */
export function viewOf({ state: { settings, ui } }: Model): ViewerSettings & Pick<UiState, 'layer'> {
  return { ...settings, ...ui };
}

export interface Judgement {
  readonly detection: Detection;
  readonly imageThreshold: number;
  readonly pixelThreshold: number;
  readonly anomalous: boolean;
}

/** The verdict by the thresholds as they stand in the view; undefined without a result. */
export function judge({ state: { phase, detection, thresholds }, draft }: Model): Judgement | undefined {
  // After a failure the last result may be that of another image or detector.
  if (!detection || !thresholds || phase.kind === 'failed') return undefined;
  const imageThreshold = draft.image ?? thresholds.image.value;
  const pixelThreshold = draft.pixel ?? thresholds.pixel.value;
  return { detection, imageThreshold, pixelThreshold, anomalous: isAnomalous(detection.score, imageThreshold) };
}

/** The map that is shown; the anomaly map where the chosen one doesn't exist in this result. */
export function shownLayer(model: Model): Layer | undefined {
  const judged = judge(model);
  if (!judged) return undefined;
  const { layer, range } = viewOf(model);
  const layers = layersOf(judged.detection, judged.pixelThreshold, range);
  return layers.find(({ id }) => id === layer) ?? layers[0];
}
