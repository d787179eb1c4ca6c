import { mkdtempSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRng } from '../../../src/dataset/rng.ts';
import { run } from '../../../src/cli/run.ts';
import { cudaPorts } from '../../../src/runtime/cuda/cudaPorts.ts';
import { createDownload } from '../../../src/runtime/net/download.ts';
import { writePng } from '../../../src/runtime/images/imageWrite.ts';
import { enginePorts } from '../../../src/runtime/ports.ts';
import type { Progress } from '../../../src/protocol/engine.ts';
import type { StopSignal } from '../../../src/services/ports/teacherPorts.ts';

const root = path.resolve(import.meta.dirname, '../../..');

export interface Ran {
  readonly code: number;
  readonly out: string;
  /** Lines of stderr. */
  readonly err: readonly string[];
}

export interface Watching {
  readonly signal?: StopSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * A temporary folder and the command line in this process, with real files, images and sessions.
 */
export function workplace() {
  const folder = mkdtempSync(path.join(tmpdir(), 'nferd-cli-'));
  const at = (name: string): string => path.join(folder, name);
  return {
    folder,
    at,
    remove: () => rmSync(folder, { recursive: true, force: true }),
    /** Every file below, sorted. */
    files: () =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => name.replaceAll('\\', '/'))
        .sort(),
    async nferd(args: readonly string[], watching: Watching = {}): Promise<Ran> {
      const out: string[] = [];
      const err: string[] = [];
      const code = await run(args, '1.2.3', {
        ports: enginePorts,
        teachers: { shipped: path.join(root, 'models'), user: at('teachers') },
        download: createDownload(),
        cuda: cudaPorts(path.join(root, 'src/worker/cudaCheck.ts')),
        watch: { clock: () => performance.now(), ...watching },
        print: (text) => out.push(text),
        say: (text) => err.push(...text.split('\n')),
      });
      return { code, out: out.join('\n'), err };
    },
  };
}

const plateSize = { width: 64, height: 48 };
/** Whether a pixel lies in the defect, the square around 40, 12. */
const inDefect = (x: number, y: number): boolean => x >= 34 && x < 46 && y >= 6 && y < 18;

async function draw(file: string, colour: (x: number, y: number) => number): Promise<void> {
  const { width, height } = plateSize;
  const data = Uint8Array.from({ length: width * height }, (_, i) => colour(i % width, Math.floor(i / width)));
  mkdirSync(path.dirname(file), { recursive: true });
  await writePng(file, { ...plateSize, channels: 1, data });
}

/** A grey, finely grained plate of 64 × 48; a defect is a bright chequered square. */
export async function drawPlate(file: string, seed: number, defect = false): Promise<void> {
  const rng = createRng(seed);
  await draw(file, (x, y) => Math.round(110 + 4 * rng.normal() + (defect && inDefect(x, y) ? 120 * ((x + y) % 2) : 0)));
}

/**
 * `plate/train/good`, `plate/test/good` and `plate/test/dot` with masks.
 * @returns the dataset's folder
 */
export async function drawPlates(at: (name: string) => string): Promise<string> {
  for (let i = 0; i < 8; i++) await drawPlate(at(`plate/train/good/${i}.png`), i);
  for (let i = 0; i < 2; i++) await drawPlate(at(`plate/test/good/${i}.png`), 100 + i);
  for (let i = 0; i < 2; i++) {
    await drawPlate(at(`plate/test/dot/${i}.png`), 200 + i, true);
    await draw(at(`plate/ground_truth/dot/${i}_mask.png`), (x, y) => (inDefect(x, y) ? 255 : 0));
  }
  return at('plate');
}
