import { labelByMasks, type Dataset } from '../../dataset/dataset.ts';
import { isImagePath } from '../../dataset/imagePath.ts';
import { recogniseDataset } from '../../dataset/recogniseDataset.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { asUserErrors, UserError } from '../ports/errors.ts';
import { withoutOwnOutput } from './ownOutput.ts';

/**
 * Side that masks are read at where only whether they hold a defect is asked, which is taken from
 * all of their pixels.
 */
const anySide = 256;

/** The dataset in a folder, with the labels that only masks tell settled. */
export async function readDataset(
  folder: string,
  { files, images }: Pick<EnginePorts, 'files' | 'images'>,
): Promise<Dataset> {
  const listing = await files.list(folder);
  const { paths, notes } = withoutOwnOutput(listing.paths);
  if (notes.length > 0 && !paths.some(isImagePath))
    throw new UserError(`${folder}: has no other images than ${notes[0]}. Choose a folder with product images.`);
  const dataset = asUserErrors(() => recogniseDataset(paths, folder));
  const defective = new Set<string>();
  const unreadable: string[] = [];
  for (const { maskDecidesLabel, maskPath } of dataset.items) {
    if (!maskDecidesLabel || maskPath === undefined) continue;
    try {
      const mask = await images.readMask(`${folder}/${maskPath}`, { width: anySide, height: anySide });
      if (mask.hasDefect) defective.add(maskPath);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      unreadable.push(error.message);
    }
  }
  const labelled = labelByMasks(dataset, (mask) => defective.has(mask));
  return { ...labelled, notes: [...labelled.notes, ...listing.notes, ...notes, ...unreadable] };
}
