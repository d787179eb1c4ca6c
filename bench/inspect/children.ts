import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { peersPython } from '../train/torchPeer.ts';
import { runBundled, type Ran } from '../nodeProcess.ts';
import type { Parts } from './apart.ts';
import { threads } from './subject.ts';

/**
 * Runs one of this folder's scripts, bundled.
 * @returns its last line, read as JSON, and its peak memory
 */
export function child<T>(script: string, ...given: readonly (string | number)[]): T & Pick<Ran, 'peakMiB'> {
  const { stdout, peakMiB } = runBundled(path.join(import.meta.dirname, script), given);
  return { ...lastLine<T>(stdout), peakMiB };
}

/** What once.ts says of an inspection. */
export interface Once {
  readonly looked: number;
  readonly reused: number;
  readonly seconds: number;
  readonly lookingSeconds: number;
  readonly parts: Parts;
  readonly memory: readonly (readonly [number, number])[];
}

/** @param how `apart`: one part after the other */
export const inspectOnce = (images: string, detector: string, ...how: readonly 'apart'[]) =>
  child<Once>('once.ts', images, detector, ...how);

/** What anomalib took for all images in one way. */
export interface Way {
  readonly seconds: number;
  /** Of them waiting for read and resized images, and the model's forward pass. */
  readonly decode: number;
  readonly model: number;
  /**
   * Of the process and what its readers have for themselves; absent where the system doesn't tell.
   */
  readonly peakMiB?: number;
}

export interface Peer {
  readonly images: number;
  readonly default: Way;
  readonly batches: Way;
  /** Where it was asked for. */
  readonly openvino?: Way;
  readonly entries: number;
  /** From the files to the model; untrained models have none. */
  readonly trainSeconds?: number;
  /** Process start, imports, making the model, predicting one image. */
  readonly startSeconds: number;
  readonly versions: { readonly anomalib: string; readonly torch: string };
}

/** What anomalib_predict.py looks at. */
export interface PeerTask {
  readonly trainFolder: string;
  readonly train: number;
  readonly images: string;
  /** Where it may write what it likes. */
  readonly scratch: string;
}

/**
 * anomalib's predict on the same images.
 * @param further the model, and `openvino` where its export is to be measured as well
 * @returns undefined, with a message, where there is no Python with anomalib
 */
export function anomalibPredict(
  { trainFolder, train, images, scratch }: PeerTask,
  ...further: readonly string[]
): Peer | undefined {
  const python = peersPython();
  if (python === undefined) {
    console.log('no anomalib: run bench/peers/setup.sh, or set NFERD_PEERS_PYTHON');
    return undefined;
  }
  const script = path.join(import.meta.dirname, 'anomalib_predict.py');
  const given = [script, trainFolder, `${train}`, images, `${threads}`, ...further];
  return lastLine<Peer>(execFileSync(python, given, { cwd: scratch, encoding: 'utf8' }));
}

const lastLine = <T>(text: string): T => JSON.parse(text.trim().split('\n').at(-1)!) as T;
