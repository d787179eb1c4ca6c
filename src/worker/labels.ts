import type { Item } from '../dataset/dataset.ts';
import { recogniseDataset } from '../dataset/recogniseDataset.ts';
import type { InspectionEngine, LabelLine } from '../protocol/inspection.ts';
import type { Call, Handlers } from '../protocol/rpc.ts';
import { files } from '../runtime/files.ts';
import { images } from '../runtime/images.ts';
import { labelFiles } from '../runtime/labelFiles.ts';
import { sha256 } from '../runtime/sha256.ts';
import type { LabelPorts } from '../services/labelPorts.ts';
import { exportLabels } from '../services/labelExport.ts';
import { importLabels } from '../services/labelImport.ts';
import { appendLabels, readLabels } from '../services/labelStore.ts';
import { maskOf, readMaskAt, writeMask } from '../services/maskStore.ts';
import type { Watch } from '../services/progress.ts';
import { slashed } from '../services/slashed.ts';

export type LabelHandlers = Pick<
  Handlers<InspectionEngine>,
  'readLabels' | 'appendLabels' | 'writeMask' | 'readMask' | 'exportLabels' | 'importLabels'
>;

/** Where a dataset keeps its masks is looked up again after this long. */
const freshMs = 10_000;

/** The labels' half of InspectionEngine. @param warn told of what was left out, one line each */
export function createLabels(warn: (line: string) => void): LabelHandlers {
  const ports: LabelPorts = { files, images, labelFiles, sha256 };
  let listed:
    { readonly folder: string; readonly at: number; readonly masks: Promise<Map<string, string>> } | undefined;

  /** The dataset's own masks by image. */
  function masksOf(folder: string): Promise<Map<string, string>> {
    if (listed?.folder === folder && performance.now() - listed.at < freshMs) return listed.masks;
    const masks = files.list(folder).then(({ paths }) => {
      const { items } = recogniseDataset(paths, folder);
      return new Map(
        items.flatMap(({ path, maskPath }) => (maskPath === undefined ? [] : [[path, maskPath] as const])),
      );
    });
    masks.catch(() => (listed = undefined));
    listed = { folder, at: performance.now(), masks };
    return masks;
  }

  async function itemOf(folder: string, image: string): Promise<Pick<Item, 'maskPath'> | undefined> {
    const maskPath = (await masksOf(folder)).get(image);
    return maskPath === undefined ? undefined : { maskPath };
  }

  async function lineOf(folder: string, image: string): Promise<LabelLine | undefined> {
    const { labels } = await readLabels(folder, ports);
    return Object.hasOwn(labels, image) ? labels[image] : undefined;
  }

  return {
    async readLabels({ folder }) {
      const { labels, notes } = await readLabels(folder, ports);
      notes.forEach(warn);
      return labels;
    },
    appendLabels: ({ folder, lines }) => appendLabels(folder, lines, ports),
    async writeMask({ folder, image, ...mask }) {
      const empty = !mask.mask.some((value) => value !== 0);
      const { label = null } = (await lineOf(folder, image)) ?? {};
      if (empty && maskOf({ label }, await itemOf(folder, image)) === undefined) return undefined;
      return writeMask(folder, image, mask, ports);
    },
    async readMask({ folder, image }) {
      const line = await lineOf(folder, image);
      const path = maskOf(line, line?.mask === undefined ? await itemOf(folder, image) : undefined);
      if (path === undefined || (path === line?.mask && !(await files.exists(`${folder}/${path}`)))) return undefined;
      const { note, ...mask } = await readMaskAt(folder, image, path, ports);
      if (note) warn(note);
      return mask;
    },
    exportLabels: ({ folder, format, out }, call) =>
      exportLabels(slashed(folder), format, slashed(out), new Date().toISOString(), ports, watchOf(call)),
    importLabels: ({ folder, format, from }, call) =>
      importLabels(slashed(folder), format, slashed(from), new Date().toISOString(), ports, watchOf(call)),
  };
}

const watchOf = ({ signal, progress }: Call): Watch => ({
  clock: () => performance.now(),
  signal,
  onProgress: progress,
});
