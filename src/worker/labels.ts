import type { Item } from '../dataset/dataset.ts';
import { recogniseDataset } from '../dataset/recogniseDataset.ts';
import type { LabelLine } from '../dataset/labels.ts';
import type { InspectionEngine } from '../protocol/inspection.ts';
import type { Call, Handlers } from '../protocol/rpc.ts';
import { files } from '../runtime/files/files.ts';
import { images } from '../runtime/images/images.ts';
import { labelFiles } from '../runtime/store/labelFiles.ts';
import { sha256 } from '../runtime/files/sha256.ts';
import type { LabelPorts } from '../services/ports/labelPorts.ts';
import { exportLabels } from '../services/labels/labelExport.ts';
import { importLabels } from '../services/labels/labelImport.ts';
import { appendLabels, readLabels } from '../services/labels/labelStore.ts';
import { maskOf, readMaskAt, writeMask } from '../services/labels/maskStore.ts';
import type { Watch } from '../services/ports/progress.ts';
import { slashed } from '../dataset/slashed.ts';

export type LabelHandlers = Pick<
  Handlers<InspectionEngine>,
  'readLabels' | 'appendLabels' | 'writeMask' | 'readMask' | 'exportLabels' | 'importLabels'
>;

/** A folder is listed again after this long. */
const freshMs = 10_000;

/** The labels' half of InspectionEngine. @param warn told of what was left out, one line each */
export function createLabels(warn: (line: string) => void): LabelHandlers {
  const ports: LabelPorts = { files, images, labelFiles, sha256 };
  let listed: { readonly folder: string; readonly at: number; readonly paths: Promise<readonly string[]> } | undefined;

  /** All files of a folder. */
  function pathsOf(folder: string): Promise<readonly string[]> {
    if (listed?.folder === folder && performance.now() - listed.at < freshMs) return listed.paths;
    const paths = files.list(folder).then((listing) => listing.paths);
    paths.catch(() => (listed = undefined));
    listed = { folder, at: performance.now(), paths };
    return paths;
  }

  let recognised: { readonly of: readonly string[]; readonly masks: ReadonlyMap<string, string> } | undefined;

  /** The dataset's own masks by image. */
  async function masksOf(folder: string): Promise<ReadonlyMap<string, string>> {
    const paths = await pathsOf(folder);
    if (recognised?.of !== paths) {
      const { items } = recogniseDataset(paths, folder);
      const masks = items.flatMap(({ path, maskPath }) => (maskPath === undefined ? [] : [[path, maskPath] as const]));
      recognised = { of: paths, masks: new Map(masks) };
    }
    return recognised.masks;
  }

  async function itemOf(folder: string, image: string): Promise<Pick<Item, 'maskPath'> | undefined> {
    const maskPath = (await masksOf(folder)).get(image);
    return maskPath === undefined ? undefined : { maskPath };
  }

  async function lineOf(folder: string, image: string): Promise<LabelLine | undefined> {
    const { labels } = await readLabels(folder, ports, [image]);
    return Object.hasOwn(labels, image) ? labels[image] : undefined;
  }

  return {
    async readLabels({ folder, image }) {
      if (image !== undefined) {
        const line = await lineOf(folder, image);
        return line ? { [image]: line } : {};
      }
      const { labels, notes } = await readLabels(folder, ports, await pathsOf(folder));
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
