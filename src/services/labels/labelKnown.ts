import type { Split } from '../../dataset/dataset.ts';
import type { ImageLabel, LabelledImage } from '../../dataset/formats/labelledImage.ts';
import { saidBy } from '../../dataset/formats/mvtecLabels.ts';
import type { LabelLine } from '../../dataset/labels.ts';
import { readDataset } from '../dataset/readDataset.ts';
import type { LabelPorts } from '../ports/labelPorts.ts';
import { readLabels } from './labelStore.ts';
import { maskOf } from './maskStore.ts';

/** All that is known of an image of a folder. */
export interface KnownImage extends LabelledImage {
  readonly split: Split;
  /** From the folder alone. */
  readonly folder: { readonly label?: ImageLabel; readonly defectType?: string; readonly mask?: string };
  /** From the user. */
  readonly line?: LabelLine;
  /** The mask that counts, relative to the folder. */
  readonly mask?: string;
}

/**
 * Every image of a folder with its label: the user's where there is one, else the folder's.
 * @throws UserError
 */
export async function knownImages(
  folder: string,
  ports: LabelPorts,
): Promise<{ readonly images: readonly KnownImage[]; readonly notes: readonly string[] }> {
  const dataset = await readDataset(folder, ports);
  const { labels, notes } = await readLabels(
    folder,
    ports,
    dataset.items.map(({ path }) => path),
  );
  const missing: string[] = [];
  const images: KnownImage[] = [];
  for (const item of dataset.items) {
    const line = Object.hasOwn(labels, item.path) ? labels[item.path] : undefined;
    const said = saidBy(item);
    const user = line?.label ? { label: line.label, by: 'user' as const } : undefined;
    const label = user?.label ?? said.label;
    const defectType = label === 'anomalous' ? (line?.defectType ?? said.defectType) : undefined;
    let mask = maskOf(line, item);
    if (mask !== undefined && mask === line?.mask && !(await ports.files.exists(`${folder}/${mask}`))) {
      missing.push(`${mask}: the mask of ${item.path} is missing. Draw it again.`);
      mask = undefined;
    }
    images.push({
      image: item.path,
      split: item.split,
      ...(label && { label, by: user?.by ?? 'folder' }),
      ...(defectType !== undefined && { defectType }),
      folder: { ...said, ...(item.maskPath !== undefined && { mask: item.maskPath }) },
      ...(line && { line }),
      ...(mask !== undefined && { mask }),
    });
  }
  const known = new Set(dataset.items.map(({ path }) => path));
  const stray = Object.keys(labels).filter((image) => !known.has(image));
  const strayNote =
    stray.length > 0 ? [`${stray.length} labels of images that are not in the folder, such as ${stray[0]}`] : [];
  return { images, notes: [...dataset.notes, ...notes, ...missing, ...strayNote] };
}
