import type { EnginePorts } from './enginePorts.ts';
import type { FileStamp } from './inspectPorts.ts';
import type { Picture, Size } from './disk.ts';

/**
 * What labels need of the disk beyond Files. All reject with a UserError that names the file, what
 * was wrong and the remedy.
 */
export interface LabelFiles {
  /**
   * Adds text (whole lines) at the end, flushed to the disk before it resolves. Makes the folders
   * above and the file; where the file ends inside a line (a crash tore it), that line is ended
   * first.
   * @returns the file's size in bytes before and after
   */
  append(file: string, text: string): Promise<{ readonly before: number; readonly after: number }>;
  /**
   * Runs `work` while no other process is inside `locked` for the same file; a lock whose process
   * is gone is taken over.
   */
  locked<T>(file: string, work: () => Promise<T>): Promise<T>;
  /**
   * Every file below a folder, hidden ones and links themselves included: path relative to it, with
   * `/`.
   */
  stamps(folder: string): Promise<ReadonlyMap<string, FileStamp>>;
  /**
   * Makes `to` the same file as `from`: a hard link where the disk allows, else a copy; replaces
   * what was there.
   */
  link(from: string, to: string): Promise<void>;
  /** Size of an image as it is seen, from its header. */
  imageSize(path: string): Promise<Size>;
  /** Text of another program, in whatever encoding it says or shows. */
  readForeign(file: string): Promise<string>;
  encodePng(picture: Picture): Promise<Uint8Array>;
  base64(bytes: Uint8Array): string;
}

export type LabelPorts = Pick<EnginePorts, 'files' | 'images' | 'sha256'> & { readonly labelFiles: LabelFiles };
