import path from 'node:path';
import type { InspectionEngine } from '../protocol/inspection.ts';
import type { Handlers } from '../protocol/rpc.ts';
import { teachersDir } from '../runtime/files/dataDir.ts';
import { loadDetector, summaryOf } from '../services/detect/detectorStore.ts';
import type { EnginePorts } from '../services/ports/enginePorts.ts';
import type { Inspections } from '../services/inspect/inspections.ts';
import { absolute } from './inspections.ts';
import { slashed } from '../dataset/slashed.ts';
import { teachDetector } from '../services/teach/teachDetector.ts';
import { resolveTeacher } from '../services/teacher/teacherStore.ts';

/**
 * Teaching places as normal, as the extension calls it.
 * @param shipped the folder of the teachers that ship with the product
 * @param inspections what is stored of the folders that detectors have seen
 * @param ports as the engine is configured at the time
 * @param warn told what the user should know, one line each
 */
export const createTeaching = (
  shipped: string,
  inspections: Pick<Inspections, 'flaggedRegions'>,
  ports: () => EnginePorts,
  warn: (line: string) => void,
): Pick<Handlers<InspectionEngine>, 'teachAsNormal'> => ({
  async teachAsNormal({ places, out, ...given }, { signal, progress }) {
    const { folder, detector: from } = absolute(given);
    const regions =
      'regions' in places
        ? places.regions
        : await inspections.flaggedRegions({ folder, detector: from }, places.flagged, places.pixelThreshold);
    if ('flagged' in places)
      for (const image of places.flagged)
        if (!regions.some((region) => region.image === image))
          warn(`${folder}/${image}: nothing lies above the pixel threshold, so nothing of it is taught.`);
    const detector = await loadDetector(from, ports());
    const folders = { shipped, user: teachersDir() };
    const taught = await teachDetector(
      {
        detector,
        regions: regions.map((place) => ({ ...place, image: slashed(path.resolve(folder, place.image)) })),
        out: slashed(path.resolve(out)),
        name: path.basename(out),
        teacher: await resolveTeacher(detector.record.teacher.name, folders, ports()),
        createdAt: new Date().toISOString(),
      },
      ports(),
      { clock: () => performance.now(), signal, onProgress: progress },
    );
    taught.notes.forEach(warn);
    return summaryOf(taught.detector);
  },
});
