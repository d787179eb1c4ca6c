import type { Dataset } from '../../dataset/dataset.ts';
import { mapSide, type Inspection, type Thumbnail } from '../../protocol/inspection.ts';
import { asGrid } from './asGrid.ts';
import { levelsOf } from '../../maps/levels.ts';
import { summaryOf, type Detector } from '../detect/detectorStore.ts';
import type { InspectionStore } from '../ports/inspectPorts.ts';
import { inspectionRows } from './inspectionRows.ts';
import type { ReadLabels } from '../labels/labelStore.ts';

/** A detector without its model: what reading stored results takes. */
export type KnownDetector = Pick<Detector, 'folder' | 'record'>;

/** What is stored of a dataset, with the user's labels. */
export function inspectionOf(
  dataset: Dataset,
  detector: KnownDetector,
  { labels, notes }: ReadLabels,
  store: InspectionStore,
): Inspection {
  const summary = summaryOf(detector);
  return {
    folder: dataset.root,
    layout: dataset.layout,
    detector: summary,
    rows: inspectionRows(dataset, detector.record, store.files(summary.version)),
    labels,
    notes: [...dataset.notes, ...notes, ...store.notes],
  };
}

/** Picture and map of some rows; what is not stored is absent. `paths` are all rows'. */
export function thumbnailsOf(
  rows: readonly number[],
  paths: readonly string[],
  detector: KnownDetector,
  store: InspectionStore,
): Thumbnail[] {
  const summary = summaryOf(detector);
  const { version, thresholds } = summary;
  return rows.map((row) => {
    const path = paths[row];
    if (path === undefined) return { row };
    const picture = store.thumbnail(path);
    const grid = store.grid(path, version);
    return {
      row,
      ...(picture && { picture }),
      ...(grid && { map: levelsOf(asGrid(grid, summary), mapSide, thresholds.pixel) }),
    };
  });
}
