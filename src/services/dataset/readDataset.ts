import { labelByMasks, type Dataset } from '../../dataset/dataset.ts';
import { foldersOf } from '../../dataset/folderNames.ts';
import { isImagePath } from '../../dataset/imagePath.ts';
import { countFolders, folderList, saidOf } from '../../dataset/normalFolders.ts';
import { recogniseDataset } from '../../dataset/recogniseDataset.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { asUserErrors, UserError } from '../ports/errors.ts';
import { datasetFileName, rememberedNormals } from './normalMemory.ts';
import { withoutOwnOutput } from './ownOutput.ts';

/**
 * Side that masks are read at where only whether they hold a defect is asked, which is taken from
 * all of their pixels.
 */
const anySide = 256;

/**
 * The dataset in a folder, with the labels that only masks tell settled.
 * @param normal folders that the user says hold normal images; where absent, what was remembered
 * @throws UserError
 */
export async function readDataset(
  folder: string,
  { files, images }: Pick<EnginePorts, 'files' | 'images'>,
  normal?: readonly string[],
): Promise<Dataset> {
  const dataset = await listDataset(folder, files, normal);
  const defective = new Map<string, boolean>();
  const unreadable: string[] = [];
  for (const { maskDecidesLabel, maskPath } of dataset.items) {
    if (!maskDecidesLabel || maskPath === undefined) continue;
    try {
      const mask = await images.readMask(`${folder}/${maskPath}`, { width: anySide, height: anySide });
      defective.set(maskPath, mask.hasDefect);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      unreadable.push(error.message);
    }
  }
  const labelled = labelByMasks(dataset, (mask) => defective.get(mask));
  return { ...labelled, notes: [...labelled.notes, ...unreadable] };
}

/**
 * The dataset as its names tell it: where masks decide on labels, those are not known yet.
 * @param normal as for readDataset
 * @throws UserError
 */
export async function listDataset(
  folder: string,
  files: EnginePorts['files'],
  normal?: readonly string[],
): Promise<Dataset> {
  const listing = await files.list(folder);
  const { paths, notes } = withoutOwnOutput(listing.paths);
  if (notes.length > 0 && !paths.some(isImagePath))
    throw new UserError(`${folder}: has no other images than ${notes[0]}. Choose a folder with product images.`);
  const said = normal ?? (await rememberedNormals(folder, files));
  const dataset = asUserErrors(() => recogniseDataset(paths, folder, said));
  const faults = said.length > 0 ? answerFaults(dataset) : [];
  if (normal && faults.length > 0) throw new UserError(faults[0]);
  const used = said.length > 0 ? [`normal images are in ${said.join(', ')}, by ${datasetFileName}`] : [];
  return { ...dataset, notes: [...(normal ? [] : [...used, ...faults]), ...dataset.notes, ...listing.notes, ...notes] };
}

/** What does not fit of what the user said: one line each. */
function answerFaults({ root, layout, items, normalFolders }: Dataset): string[] {
  if (['visa', 'kolektorsdd', 'kolektorsdd2'].includes(layout))
    return [`${root}: is laid out like ${layout}, which tells itself which images are normal. Leave --normal away.`];
  const there = folderList(countFolders(items.map(({ path }) => foldersOf(path).join('/') || '.')));
  return normalFolders
    .filter((name) => !items.some(({ path }) => saidOf([name])(path)))
    .map((name) => `${root}: no image lies in "${name}" (--normal). Choose of ${there}.`);
}
