import { UserError } from '../ports/errors.ts';
import type { LabelPorts } from '../ports/labelPorts.ts';

/** In each folder that we export: every file as the export left it. */
const exportRecord = 'nferd-export.json';

/** What file managers leave behind; nobody's work. */
const litter = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/i;

type Ports = Pick<LabelPorts, 'files' | 'labelFiles'>;

/**
 * Fills a folder and puts it in the place of `folder`, which may be new, empty or an earlier
 * export. An export that somebody has worked in since (files moved, added or changed) is left as it
 * is.
 * @throws UserError
 */
export async function writeExport(
  folder: string,
  fill: (temporary: string) => Promise<void>,
  ports: Ports,
): Promise<void> {
  await refuseOthers(folder, ports);
  await ports.files.writeFolder(folder, async (temporary) => {
    await fill(temporary);
    const stamps = Object.fromEntries(await ports.labelFiles.stamps(temporary));
    await ports.files.write(`${temporary}/${exportRecord}`, JSON.stringify({ files: stamps }, undefined, 1));
    // Somebody may have begun to work there meanwhile.
    await refuseOthers(folder, ports);
  });
}

async function refuseOthers(folder: string, { files, labelFiles }: Ports): Promise<void> {
  if (!(await files.exists(folder))) return;
  const there = [...(await labelFiles.stamps(folder))].filter(([path]) => !litter.test(path));
  if (there.length === 0) return;
  const record = `${folder}/${exportRecord}`;
  const left = (await files.exists(record)) ? recorded(await files.readText(record)) : undefined;
  if (!left) throw new UserError(`${folder}: is not empty and no export of ours. Choose a new folder.`);
  const other = there.find(([path, { size, modifiedMs }]) => {
    if (path === exportRecord) return false;
    const ours = Object.hasOwn(left, path) ? left[path] : undefined;
    return ours?.size !== size || ours.modifiedMs !== modifiedMs;
  });
  if (other) throw new UserError(`${folder}: ${other[0]} was added or changed since the export. Choose a new folder.`);
}

type Stamps = Readonly<Record<string, { readonly size?: unknown; readonly modifiedMs?: unknown } | undefined>>;

function recorded(text: string): Stamps | undefined {
  try {
    const { files } = JSON.parse(text) as { files?: unknown };
    return typeof files === 'object' && files !== null ? (files as Stamps) : undefined;
  } catch {
    return undefined;
  }
}
