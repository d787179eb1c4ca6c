import { UserError } from '../services/errors.ts';

/** Of what reading would wait for, perhaps for ever. */
export const notRegular = 'is no regular file but a pipe, a socket or a device. Remove it or give a file.';

/** System error code → what was wrong and the remedy. */
const reading: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist. Check the path.',
  ENOTDIR: 'does not exist: a part of the path is a file. Check the path.',
  EISDIR: 'is a folder. Give a file.',
  EACCES: 'may not be read. Change its permissions.',
  EPERM: 'may not be read. Change its permissions.',
  EMFILE: 'could not be opened: too many open files. Close other programs or raise the limit.',
  EIO: 'could not be read: the disk reports an error. Copy the file from another source.',
  ENXIO: notRegular,
  ELOOP: 'is a link that leads to itself. Repair the link.',
  ENAMETOOLONG: 'has too long a name. Shorten it.',
};

const writing: Readonly<Record<string, string>> = {
  ENOSPC: 'could not be written: the disk is full. Free some space or choose another folder.',
  EDQUOT: 'could not be written: your disk quota is used up. Free some space or choose another folder.',
  EROFS: 'could not be written: the disk is read-only. Choose another folder.',
  EACCES: 'may not be written. Change the permissions of its folder or choose another one.',
  EPERM: 'may not be written. Change the permissions of its folder or choose another one.',
  ENOENT: 'could not be written: its folder cannot be made. Choose another folder.',
  ENOTDIR: 'could not be written: a part of the path is a file. Choose another folder.',
  EEXIST: 'could not be written: a part of the path is a file. Choose another folder.',
  EISDIR: 'could not be written: a folder has this name. Choose another name.',
  EFBIG: 'could not be written: the file is too large for this disk. Choose another folder.',
  EBUSY: 'could not be written: another program uses it. Close that program.',
  ENAMETOOLONG: 'could not be written: the name is too long. Shorten it.',
};

/** The UserError for a failed read or write of `path`; a UserError passes unchanged. */
export function fileError(action: 'read' | 'write', path: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const code = errorCode(error);
  const known = (action === 'read' ? reading : writing)[code ?? ''];
  const verb = action === 'read' ? 'read' : 'written';
  return new UserError(`${path}: ${known ?? `could not be ${verb} (${code ?? firstLine(error)}).`}`, { cause: error });
}

/** Code of a system error such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** First line of an error's message. */
export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.trim();
}
