import type { InspectionEngine } from '../protocol/inspection.ts';
import type { Call, Handlers } from '../protocol/rpc.ts';
import { slashed } from '../dataset/slashed.ts';
import { files } from '../runtime/files/files.ts';
import { sha256 } from '../runtime/files/sha256.ts';
import { images } from '../runtime/images/images.ts';
import { labelFiles } from '../runtime/store/labelFiles.ts';
import { FolderLabels } from '../services/labels/folderLabels.ts';
import { exportLabels } from '../services/labels/labelExport.ts';
import { importLabels } from '../services/labels/labelImport.ts';
import type { LabelPorts } from '../services/ports/labelPorts.ts';
import type { Watch } from '../services/ports/progress.ts';

export type LabelHandlers = Pick<
  Handlers<InspectionEngine>,
  'readLabels' | 'appendLabels' | 'writeMask' | 'readMask' | 'exportLabels' | 'importLabels'
>;

const clock = (): number => performance.now();

/** The labels' half of InspectionEngine. @param warn told of what was left out, one line each */
export function createLabels(warn: (line: string) => void): LabelHandlers {
  const ports: LabelPorts = { files, images, labelFiles, sha256 };
  const labels = new FolderLabels(ports, clock, warn);
  return {
    readLabels: ({ folder, image }) => labels.read(folder, image),
    appendLabels: ({ folder, lines }) => labels.append(folder, lines),
    writeMask: ({ folder, image, ...mask }) => labels.writeMask(folder, image, mask),
    readMask: ({ folder, image }) => labels.readMask(folder, image),
    exportLabels: ({ folder, format, out }, call) =>
      exportLabels(slashed(folder), format, slashed(out), new Date().toISOString(), ports, watchOf(call)),
    importLabels: ({ folder, format, from }, call) =>
      importLabels(slashed(folder), format, slashed(from), new Date().toISOString(), ports, watchOf(call)),
  };
}

const watchOf = ({ signal, progress }: Call): Watch => ({ clock, signal, onProgress: progress });
