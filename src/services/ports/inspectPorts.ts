import type { EnginePorts } from './enginePorts.ts';
import type { RgbImage } from './disk.ts';
import type { LayOut } from './layOut.ts';

/** What tells, without reading it, that a file is still the same. */
export interface FileStamp {
  readonly size: number;
  readonly modifiedMs: number;
}

/** What a detector said of an image. */
export interface StoredResult {
  readonly score: number;
  /** Largest value of the anomaly map. */
  readonly peak: number;
  /** [side, side]: the anomaly map before its last enlargement. */
  readonly grid: Float32Array;
  /** [C]; absent where the detector gives none. */
  readonly embedding?: Float32Array | undefined;
}

/** One file looked at: its content, and what is new about that content; or why it failed. */
export interface StoredLook {
  /** Relative to the folder. */
  readonly path: string;
  readonly stamp?: FileStamp | undefined;
  /** sha256 of the content; absent where it could not be read. */
  readonly hash?: string | undefined;
  readonly result?: StoredResult | undefined;
  /** JPEG. */
  readonly thumbnail?: Uint8Array | undefined;
  /** One line. */
  readonly failure?: string | undefined;
}

/** All files ever looked at, as columns. */
export interface StoredFiles {
  readonly paths: readonly string[];
  readonly size: Float64Array;
  readonly modifiedMs: Float64Array;
  /** NaN where the detector has not seen the content. */
  readonly score: Float32Array;
  readonly peak: Float32Array;
  /** By index. */
  readonly failures: ReadonlyMap<number, string>;
}

/** A detector that there are results of. */
export interface StoredDetector {
  readonly version: string;
  /** Where it was when it was used last. */
  readonly folder?: string | undefined;
}

/** An image's place in the plane. */
interface StoredProjection {
  /** Of what it was made: another key, another projection. */
  readonly key: string;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/**
 * The results of one folder, by content and detector version. Calls are short and synchronous; safe
 * beside other processes. All throw a UserError where the database can't be used.
 */
export interface InspectionStore {
  /** What came up while it was opened: one line each. */
  readonly notes: readonly string[];
  /** Changes whenever this or another process has written. */
  revision(): string;
  /** Every file with what `detector` said of its content. */
  files(detector: string): StoredFiles;
  /** The files whose content is one of these. */
  withContent(hashes: readonly string[]): readonly string[];
  /** Whether there is a thumbnail of a content, and what `detector` said of it, if it did. */
  known(hash: string, detector: string): { readonly thumbnail: boolean; readonly result: boolean };
  /** Writes all in one transaction. Where a content has a result, it stays. */
  write(detector: string, looks: readonly StoredLook[]): void;
  /**
   * Forgets the files that are not among `paths`; what is known of their content is kept until
   * prune has seen it unused for a week.
   */
  keepFiles(paths: readonly string[]): void;
  /** The detector used last first. */
  detectors(): readonly StoredDetector[];
  /** Notes where a detector is; `used` also that it was used now. */
  place(detector: string, folder: string, used: boolean): void;
  /**
   * Drops a part of what is not needed any more: results of `gone` detectors and of all but the
   * four used last, contents that no file has had for a week. The file does not shrink; its space
   * is used again.
   * @returns whether there is more to drop
   */
  prune(gone: readonly string[]): boolean;
  thumbnail(path: string): Uint8Array | undefined;
  grid(path: string, detector: string): Float32Array | undefined;
  /** Calls `visit` with each file's embedding. */
  embeddings(detector: string, visit: (path: string, embedding: Float32Array) => void): void;
  projection(detector: string): StoredProjection | undefined;
  saveProjection(detector: string, projection: StoredProjection): void;
  close(): void;
}

/** What an inspection needs of the outside beyond the engine's ports. */
export interface InspectionDisk {
  /** Opens (or makes) the store of an absolute folder. */
  openStore(folder: string): InspectionStore;
  /**
   * Undefined where there is no such file any more.
   * @throws UserError where it can't be looked at
   */
  stamp(file: string): Promise<FileStamp | undefined>;
  /**
   * JPEG of the original's aspect, its longer side at most `side`, from an image that may be
   * stretched.
   */
  encodeThumbnail(image: RgbImage, side: number): Promise<Uint8Array>;
}

export type InspectPorts = EnginePorts & { readonly disk: InspectionDisk; readonly layOut: LayOut };
