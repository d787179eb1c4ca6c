import type { Dataset } from '../dataset/dataset.ts';
import { knownLabels, rowStates, type InspectionRows } from '../protocol/inspection.ts';
import type { DetectorRecord } from './detectorStore.ts';
import type { StoredFiles } from './inspectPorts.ts';

/** A dataset's images with what is stored of them: one row each, in the dataset's order. */
export function inspectionRows(
  { root, items }: Pick<Dataset, 'root' | 'items'>,
  record: Pick<DetectorRecord, 'images'>,
  stored: StoredFiles,
): InspectionRows {
  const count = items.length;
  const rowOf = new Map(stored.paths.map((path, row) => [path, row]));
  const state = new Uint8Array(count);
  const [score, peak] = [new Float32Array(count).fill(NaN), new Float32Array(count).fill(NaN)];
  const folderLabel = new Uint8Array(count);
  const folderDefect = new Int16Array(count).fill(-1);
  const trained = new Uint8Array(count);
  const failures: Record<number, string> = {};
  const defects = new Map<string, number>();
  const learned = trainedOn(root, items, record);
  items.forEach((item, row) => {
    const { path, label, defectType } = item;
    folderLabel[row] = knownLabels.indexOf(label);
    if (defectType !== undefined) {
      const index = defects.get(defectType) ?? defects.size;
      defects.set(defectType, index);
      folderDefect[row] = index;
    }
    trained[row] = +learned(item);
    const at = rowOf.get(path);
    if (at === undefined) return;
    const failure = stored.failures.get(at);
    if (failure !== undefined) {
      failures[row] = failure;
      state[row] = failedState;
      return;
    }
    if (Number.isNaN(stored.score[at]!)) return;
    state[row] = doneState;
    score[row] = stored.score[at]!;
    peak[row] = stored.peak[at]!;
  });
  return {
    paths: items.map(({ path }) => path),
    state,
    score,
    peak,
    folderLabel,
    folderDefect,
    defectTypes: [...defects.keys()],
    trained,
    failures,
  };
}

const [doneState, failedState] = [rowStates.indexOf('done'), rowStates.indexOf('failed')];

/**
 * Which images a detector learned from: those in its banks, and where some of this dataset's are, its whole training split: the rest of
 * it trained the student or calibrated.
 */
function trainedOn(
  root: string,
  items: Dataset['items'],
  { images }: Pick<DetectorRecord, 'images'>,
): (item: Dataset['items'][number]) => boolean {
  const known = new Set(images.map(comparable));
  const whole = (path: string): string => comparable(`${root}/${path}`);
  const here = items.some(({ path, split }) => split === 'train' && known.has(whole(path)));
  return ({ path, split }) => (here && split === 'train') || known.has(whole(path));
}

/** Windows tells drives in either case. */
const comparable = (path: string): string => path.replace(/^[a-z]:/, (drive) => drive.toUpperCase());
