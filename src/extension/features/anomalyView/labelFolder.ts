import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { labelFile, ownFolder, resultsFile } from '../../../dataset/onDisk.ts';

/**
 * The folder whose label file an image's label belongs to: the nearest one that has labels, else
 * the nearest one that was inspected, else the workspace folder, else the image's own. None above
 * the workspace folder counts, and outside of one neither the home folder nor what is above it:
 * labels that strayed there would take in every image below.
 */
export async function labelFolder(
  image: string,
  workspaceFolder: string | undefined,
  home = homedir(),
): Promise<string> {
  const folders = candidates(path.dirname(image), workspaceFolder, home);
  for (const sign of [labelFile, resultsFile]) {
    for (const folder of folders) {
      const file = await stat(path.join(folder, ownFolder, sign)).catch(() => undefined);
      if (file?.isFile()) return folder;
    }
  }
  return workspaceFolder ?? path.dirname(image);
}

/** Nearest first. */
function candidates(own: string, workspaceFolder: string | undefined, home: string): string[] {
  const folders: string[] = [];
  for (let folder = own; ; folder = path.dirname(folder)) {
    // As paths: Windows knows one folder by several spellings.
    const isWorkspace = workspaceFolder !== undefined && path.relative(workspaceFolder, folder) === '';
    const ends = isWorkspace || path.dirname(folder) === folder;
    if (workspaceFolder !== undefined || !(ends || isWithin(home, folder))) folders.push(folder);
    if (ends) return folders;
  }
}

const isWithin = (file: string, folder: string): boolean => {
  const way = path.relative(folder, file);
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
};
