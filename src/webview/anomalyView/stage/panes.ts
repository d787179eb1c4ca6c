import type { Shown } from '../shown.ts';
import type { Scene } from './scene.ts';

/** What a pane shows; two panes lie side by side and share the viewport. */
export type Panes = readonly [Scene] | readonly [Scene, Scene] | readonly [];

/** The image with or without the map; undefined while neither image nor result is there. */
export function sceneOf({ picture, probe, state, view, judged, region, layer }: Shown, withMap: boolean) {
  const extent = state.detection?.original ?? picture;
  if (!extent) return undefined;
  const scene: Scene = {
    ...(picture && { picture }),
    extent,
    opacity: view.opacity,
    colorMap: view.colorMap,
    ...(probe && { probe }),
    ...(withMap && layer && { layer }),
    ...(withMap && judged?.detection.detector.roi && { roi: judged.detection.detector.roi }),
    ...(withMap &&
      judged && {
        overlay: { regions: judged.regions, contour: view.contour, boxes: view.boxes ?? false, chosen: region },
      }),
  };
  return scene;
}

export function panesOf(shown: Shown): Panes {
  const scene = sceneOf(shown, shown.mapShown);
  if (!scene) return [];
  const plain = shown.view.layout === 'sideBySide' ? sceneOf(shown, false) : undefined;
  return plain ? [plain, scene] : [scene];
}
