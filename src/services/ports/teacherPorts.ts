/** What AbortSignal has and this room needs. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface DownloadProgress {
  /** Of the whole file, those of an earlier, resumed run included. */
  readonly receivedBytes: number;
  /** Absent where the server doesn't say. */
  readonly totalBytes?: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft?: number;
}

export interface DownloadRequest {
  readonly url: string;
  readonly target: string;
  /** Checked instead of the one the server announces. */
  readonly sha256?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: StopSignal;
}

export interface Downloaded {
  readonly bytes: number;
  readonly sha256: string;
  /** Whose checksum the file agreed with. */
  readonly verifiedBy: 'user' | 'server' | 'nobody';
}

/**
 * Fetches a file. `target` appears only when it is complete and agrees with its checksum; what an
 * interrupted run received stays in `target.part` and the next run goes on from there. Rejects with
 * a UserError.
 */
export type DownloadPort = (request: DownloadRequest) => Promise<Downloaded>;

/** A file of the CUDA provider and where it lies in its package. */
export interface WantedFile {
  readonly name: string;
  readonly pathInPackage: string;
}

/** SHA-256 (of UTF-8 for text) as 64 lower-case hex digits. */
export type Sha256 = (content: Uint8Array | string) => string;

/**
 * Runs a model once on noise [N, 3, H, W] and tells every output's shape.
 * Rejects when the runtime refuses the model or the size.
 */
export type ProbePort = (
  model: Uint8Array,
  input: string,
  shape: readonly number[],
) => Promise<ReadonlyMap<string, readonly number[]>>;
