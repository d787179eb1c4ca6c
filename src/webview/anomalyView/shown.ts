/** What the anomaly view is drawn from: its state, and what is derived of it. */
import type { StageNeighbours, UiState, ViewerSettings, ViewState } from '../../protocol/anomalyView.ts';
import { regionsOf, type Region } from '../../maps/regions.ts';
import type { Detection } from '../../protocol/engine.ts';
import { breachesOf, type Breach } from '../../verdict/rules.ts';
import { memo } from '../model/memo.ts';
import type { Picture } from './image/picture.ts';
import { layersOf, type Layer } from './layers/layers.ts';
import { wholeMap } from './layers/maps.ts';

/** A place of the image, 0 … 1 of its width and height. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Everything that changes. */
export interface Model {
  /** As the host says. */
  readonly state: ViewState;
  readonly picture?: Picture;
  /** Why there is no picture. */
  readonly pictureFailure?: string | undefined;
  /** Thresholds as moved by a slider and not saved yet. */
  readonly draft: { readonly image?: number; readonly pixel?: number };
  readonly probe?: Place;
  /** The hottest place of the region that was chosen, by which it is known at other thresholds. */
  readonly chosen?: Region['hottest'] | undefined;
  readonly neighbours?: readonly StageNeighbours[];
  readonly neighboursFailure?: string | undefined;
  /** Why the label was not given or not stored. */
  readonly labelNote?: string | undefined;
  /** False while the map is hidden, by flicker or by the user. */
  readonly mapShown: boolean;
}

export interface Judgement {
  readonly detection: Detection;
  readonly imageThreshold: number;
  readonly pixelThreshold: number;
  readonly anomalous: boolean;
  /** Why it is anomalous. */
  readonly breaches: readonly Breach[];
  /** At the pixel threshold, the highest peak first. */
  readonly regions: readonly Region[];
}

/** What the sections follow. */
export interface Shown extends Model {
  /** The settings, and what the user chose in the view on top of them. */
  readonly view: ViewerSettings & Pick<UiState, 'layer' | 'boxes'>;
  /** The verdict by the thresholds as they stand in the view; absent without a result. */
  readonly judged?: Judgement | undefined;
  /** Absent where none was chosen, or it is no region of its own at this threshold. */
  readonly region?: Region | undefined;
  /** The maps of the result; the anomaly map is the first. */
  readonly layers: readonly Layer[];
  /** The map that is shown; the anomaly map where the chosen one doesn't exist in this result. */
  readonly layer?: Layer | undefined;
}

export function shownOf(model: Model): Shown {
  const { settings, ui } = model.state;
  const view = { ...settings, ...ui };
  const judged = judge(model);
  const layers = judged ? layersOf(judged.detection, judged.pixelThreshold, view.range) : [];
  return {
    ...model,
    view,
    judged,
    region: judged?.regions.find(({ hottest: { x, y } }) => x === model.chosen?.x && y === model.chosen.y),
    layers,
    layer: layers.find(({ id }) => id === view.layer) ?? layers[0],
  };
}

const regionsAt = memo((detection: Detection, pixelThreshold: number) =>
  regionsOf(wholeMap(detection), pixelThreshold, detection.original),
);

function judge({ state: { phase, detection, thresholds, rules }, draft }: Model): Judgement | undefined {
  // After a failure the last result may be that of another image or detector.
  if (!detection || !thresholds || phase.kind === 'failed') return undefined;
  const imageThreshold = draft.image ?? thresholds.image.value;
  const pixelThreshold = draft.pixel ?? thresholds.pixel.value;
  const regions = regionsAt(detection, pixelThreshold);
  const areas = regions.map(({ area }) => area);
  const breaches = breachesOf({ score: detection.score, threshold: imageThreshold, areas }, rules);
  return { detection, imageThreshold, pixelThreshold, anomalous: breaches.length > 0, breaches, regions };
}
