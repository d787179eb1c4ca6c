import type { Dataset } from '../../dataset/dataset.ts';
import { mapSide, type Inspection, type Thumbnail } from '../../protocol/inspection.ts';
import { asGrid } from './asGrid.ts';
import { levelsOf } from '../../maps/levels.ts';
import { summaryOf, type Detector } from '../detect/detectorStore.ts';
import type { InspectionStore } from '../ports/inspectPorts.ts';
import { learnedFrom } from '../evaluate/testItems.ts';
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
  const { record } = detector;
  const copies = new Set(store.withContent(record.contents ?? []));
  const known = learnedFrom(dataset, record);
  const own = dataset.items.filter((item) => copies.has(item.path) && !known(item)).map(({ path }) => path);
  return {
    folder: dataset.root,
    layout: dataset.layout,
    detector: summary,
    rows: inspectionRows(dataset, record, store.files(summary.version), copies),
    labels,
    notes: [...dataset.notes, ...(own.length > 0 ? [copyNote(own)] : []), ...notes, ...store.notes],
  };
}

const copyNote = (copies: readonly string[]): string =>
  `copies of images that the detector was trained on: ${copies.length}, such as ${copies[0]}; left out of metrics`;

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
