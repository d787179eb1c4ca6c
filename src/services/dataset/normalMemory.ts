import { datasetFile, ownFolder } from '../../dataset/onDisk.ts';
import { UserError } from '../ports/errors.ts';
import type { Files } from '../ports/disk.ts';

/** Keys that are not ours are kept. */
type Kept = Readonly<Record<string, unknown>> & { readonly normalFolders?: readonly string[] };

/** What the user said of a folder, relative to it. */
export const datasetFileName = `${ownFolder}/${datasetFile}`;

/**
 * The folders below `folder` that the user said hold normal images; none where nothing was said.
 * @throws UserError where the file can't be read or understood
 */
export const rememberedNormals = async (
  folder: string,
  files: Pick<Files, 'exists' | 'readText'>,
): Promise<readonly string[]> => (await read(folder, files)).normalFolders ?? [];

/** Keeps them for all that reads the dataset. @throws UserError */
export async function rememberNormals(
  folder: string,
  normalFolders: readonly string[],
  files: Pick<Files, 'exists' | 'readText' | 'write'>,
): Promise<void> {
  const kept = await read(folder, files);
  await files.write(`${folder}/${datasetFileName}`, `${JSON.stringify({ ...kept, normalFolders }, null, 2)}\n`);
}

async function read(folder: string, files: Pick<Files, 'exists' | 'readText'>): Promise<Kept> {
  const file = `${folder}/${datasetFileName}`;
  if (!(await files.exists(file))) return {};
  const kept = parsed(await files.readText(file));
  const folders: unknown = kept?.normalFolders ?? [];
  if (kept && Array.isArray(folders) && folders.every((name) => typeof name === 'string')) return kept;
  throw new UserError(`${file}: "normalFolders" must be a list of folders, in JSON. Mend the file or delete it.`);
}

function parsed(text: string): Kept | undefined {
  try {
    const json: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Kept) : undefined;
  } catch {
    return undefined;
  }
}
