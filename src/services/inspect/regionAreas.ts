import { anomalyMapOf } from '../../maps/enlarge.ts';
import { regionsOf } from '../../maps/regions.ts';
import type { DetectorSummary } from '../../protocol/engine.ts';
import type { Inspection } from '../../protocol/inspection.ts';
import type { Images } from '../ports/disk.ts';
import type { InspectionStore } from '../ports/inspectPorts.ts';
import { ahead } from '../ports/progress.ts';
import { asGrid } from './asGrid.ts';

/** Areas of an image's regions, in its square pixels; undefined where it has no result. */
export type RegionAreas = readonly number[] | undefined;

/** Files opened at once, for their sizes. */
const atOnce = 8;

/**
 * Areas of each row's regions above a pixel threshold, the highest peak first: a detection's own,
 * from stored maps. Only images that have some are opened, for their size.
 * @throws UserError where one of them can't be opened any more
 */
export async function regionAreas(
  { folder, rows: { paths, peak }, detector }: Pick<Inspection, 'folder' | 'rows' | 'detector'>,
  pixelThreshold: number,
  store: Pick<InspectionStore, 'grid'>,
  images: Pick<Images, 'open'>,
): Promise<RegionAreas[]> {
  const areasOf = async (row: number): Promise<RegionAreas> => {
    if (Number.isNaN(peak[row]!)) return undefined;
    const path = paths[row]!;
    const grid = peak[row]! > pixelThreshold ? store.grid(path, detector.version) : undefined;
    if (!grid) return [];
    const { size } = await images.open(`${folder}/${path}`);
    return regionsOf(wholeMap(grid, detector), pixelThreshold, size).map(({ area }) => area);
  };
  const found: RegionAreas[] = [];
  for await (const areas of ahead([...paths.keys()], atOnce, areasOf)) found.push(areas);
  return found;
}

const wholeMap = (grid: Float32Array, detector: DetectorSummary) =>
  anomalyMapOf({ anomalyGrid: asGrid(grid, detector), detector });
