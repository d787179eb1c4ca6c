import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { peersPython } from '../train/torchPeer.ts';
import { threads } from './subject.ts';

/** Runs one of this folder's scripts in a process of its own. @returns its last line, read as JSON */
export function child<T>(script: string, ...given: readonly (string | number)[]): T {
  const file = path.join(import.meta.dirname, script);
  const ran = spawnSync(process.execPath, [...process.execArgv, file, ...given.map(String)], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${script} failed:\n${ran.stderr.slice(-2000)}`);
  return lastLine<T>(ran.stdout);
}

/** What once.ts says of an inspection. */
export interface Once {
  readonly looked: number;
  readonly reused: number;
  readonly batch?: number;
  readonly seconds: number;
  readonly lookingSeconds: number;
  readonly memory: readonly (readonly [number, number])[];
}

export const inspectOnce = (images: string, detector: string): Once => child<Once>('once.ts', images, detector);

/** Seconds that anomalib took for all images, by way. */
export interface Peer {
  readonly images: number;
  readonly default: number;
  readonly batches: number;
  /** Where it was asked for. */
  readonly openvino?: number;
  readonly entries: number;
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
