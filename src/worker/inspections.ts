import path from 'node:path';
import type { InspectionEngine, InspectionKey } from '../protocol/inspection.ts';
import type { Handlers } from '../protocol/rpc.ts';
import { labelFiles } from '../runtime/store/labelFiles.ts';
import type { EnginePorts } from '../services/ports/enginePorts.ts';
import type { Inspections } from '../services/inspect/inspections.ts';
import { writeReport } from '../services/report/report.ts';
import { noRules } from '../verdict/rules.ts';
import { slashed } from '../dataset/slashed.ts';
import { metricsThread } from './metrics.ts';

/** The part of the contract that looks at folders; labels are served beside it. */
export type Looking = Pick<
  InspectionEngine,
  'inspect' | 'readInspection' | 'thumbnails' | 'inspectionMetrics' | 'projection' | 'writeReport'
>;

/**
 * The use cases of dataset inspection as the extension calls them.
 * @param ports as the engine is configured at the time
 */
export function createInspections(
  inspections: Inspections,
  ports: () => EnginePorts,
  metrics = metricsThread(),
): Handlers<Looking> {
  let listing = 0;
  return {
    inspect: async (key, { signal, progress }) => {
      const watch = { clock: () => performance.now(), signal, onProgress: progress };
      const { inspection } = await inspections.inspect(absolute(key), watch);
      listing++;
      return inspection;
    },
    async readInspection(key) {
      const inspection = await inspections.read(absolute(key));
      listing++;
      return inspection;
    },
    thumbnails: ({ rows, ...key }) => inspections.thumbnails(absolute(key), rows),
    inspectionMetrics: (request) => metrics.measure({ ...request, ...absolute(request), listing }),
    projection: (key) => inspections.projection(absolute(key)),
    async writeReport({ format, out, imageThreshold, pixelThreshold, rules = noRules, ...given }) {
      const key = absolute(given);
      const inspection = await inspections.read(key);
      const threshold = imageThreshold ?? inspection.detector.thresholds.image;
      const level = pixelThreshold ?? inspection.detector.thresholds.pixel;
      const areas = await inspections.regionAreas(inspection, level);
      const input = {
        inspection,
        regions: { pixelThreshold: level, rules, areas },
        metrics: await inspections.metrics(key, threshold),
        imageThreshold: threshold,
        thumbnails: (rows: readonly number[]) => inspections.thumbnails(key, rows),
        now: new Date().toISOString(),
      };
      await writeReport(format, slashed(path.resolve(out)), input, { ...ports(), labelFiles });
    },
  };
}

/** A key as Inspections knows it. */
export const absolute = ({ folder, detector }: InspectionKey): InspectionKey => ({
  folder: slashed(path.resolve(folder)),
  detector: slashed(path.resolve(detector)),
});
