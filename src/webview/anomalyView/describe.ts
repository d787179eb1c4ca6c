import { peakOf, wholeMap } from './layers/maps.ts';
import type { Shown } from './shown.ts';

const ofResults = ['score', 'verdict', 'hot-x', 'hot-y', 'layer', 'threshold', 'regions', 'painted'];

/** What tests read of the view, in the dataset of its root: see App. */
export function describe(root: HTMLElement, { state, judged, layer }: Shown): void {
  const { dataset } = root;
  dataset.state = state.phase.kind;
  dataset.image = state.image.path;
  if (!judged) {
    for (const name of ofResults) root.removeAttribute(`data-${name}`);
    return;
  }
  const { detection, anomalous, imageThreshold, regions } = judged;
  const peak = peakOf(wholeMap(detection));
  dataset.score = String(detection.score);
  dataset.threshold = String(imageThreshold);
  dataset.verdict = anomalous ? 'anomalous' : 'normal';
  dataset.hotX = String(Math.floor(peak.x * detection.original.width));
  dataset.hotY = String(Math.floor(peak.y * detection.original.height));
  dataset.regions = String(regions.length);
  dataset.layer = layer?.id;
}

/** Who waits for this reads what else is said there. */
export function describePainted({ dataset }: HTMLElement, { state, picture }: Shown): void {
  const { phase, image } = state;
  if (phase.kind !== 'done' || !picture || dataset.painted === image.path) return;
  if (performance.getEntriesByName('nferd:painted').length === 0) performance.mark('nferd:painted');
  if (dataset.image === image.path) dataset.painted = image.path;
}
