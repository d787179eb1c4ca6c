import type { Dataset } from '../../dataset/dataset.ts';
import { knownLabels } from '../../dataset/labels.ts';
import { rowStates, type InspectionRows } from '../../protocol/inspection.ts';
import type { StoredFiles } from '../ports/inspectPorts.ts';
import { learnedFrom, type Learned } from '../evaluate/testItems.ts';

/**
 * A dataset's images with what is stored of them: one row each, in the dataset's order.
 * @param copies of images that the detector learned from (learnedFrom)
 */
export function inspectionRows(
  { root, items }: Pick<Dataset, 'root' | 'items'>,
  record: Learned,
  stored: StoredFiles,
  copies?: ReadonlySet<string>,
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
  const learned = learnedFrom({ root, items }, record, copies);
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
