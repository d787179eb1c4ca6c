import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { createRng } from '../../../src/dataset/rng.ts';
import { defaultConfig, type DetectorConfig, type StudentConfig } from '../../../src/nferd/config.ts';
import type { Progress } from '../../../src/protocol/engine.ts';
import { images } from '../../../src/runtime/images/images.ts';
import { enginePorts } from '../../../src/runtime/ports.ts';
import type { EnginePorts } from '../../../src/services/ports/enginePorts.ts';
import { UserError } from '../../../src/services/ports/errors.ts';
import type { Watch } from '../../../src/services/ports/progress.ts';
import type { Session } from '../../../src/services/ports/sessionPort.ts';
import { resolveTeacher } from '../../../src/services/teacher/teacherStore.ts';
import type { TrainingRequest } from '../../../src/services/train/trainDetector.ts';

export const side = 64;
/** Of the drawn images: not the detector's, so that reading resizes. */
export const drawnSide = 80;

export const ports = enginePorts({ executionProvider: 'cpu', threads: 1 });

/**
 * The same, but a model opened before is not opened again: sessions keep nothing between runs, and
 * opening is what takes long.
 */
export function reopening(): EnginePorts {
  const opened = new Map<string, Promise<Session>>();
  return {
    ...ports,
    openSession: (model, compute) => {
      const key = ports.sha256(model);
      let session = opened.get(key);
      if (!session) {
        session = ports.openSession(model, compute).then((fresh) => ({ ...fresh, release: () => Promise.resolve() }));
        opened.set(key, session);
      }
      return session;
    },
  };
}

export const watch: Watch = { clock: () => performance.now() };

export const models = path.resolve(import.meta.dirname, '../../../models');
export const teacher = await resolveTeacher('efficientnet-lite0', { shipped: models, user: models }, ports);

export const instant: DetectorConfig = {
  ...defaultConfig,
  inputSize: side,
  views: [1, 2],
  bank: { entries: [16, 24, 24], cells: [2, 2, 1], neighbours: 3, candidates: 400 },
  map: { ...defaultConfig.map, viewWeights: [1, 1] },
};

const smallStudent: StudentConfig = {
  fusion: 'full',
  widths: [8, 8, 8],
  embedding: 8,
  steps: 3,
  batch: 4,
  learningRate: 2e-3,
};

export const distilled: DetectorConfig = { ...instant, student: smallStudent };
/** Without fusion, the quickest to train. */
export const plain: DetectorConfig = { ...instant, student: { ...smallStudent, fusion: 'none' } };

/** A temporary folder, gone after the file's tests. */
export function scratch(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nferd-services-')).replaceAll('\\', '/');
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Blot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Striped cloth with noise; a blot is a dark disc. The same seed gives the same picture. */
export async function drawCloth(file: string, seed: number, blot?: Blot): Promise<string> {
  const rng = createRng(seed);
  const shift = rng.uniform() * 4;
  const data = new Uint8Array(drawnSide * drawnSide * 3);
  for (let y = 0, at = 0; y < drawnSide; y++)
    for (let x = 0; x < drawnSide; x++) {
      const inside = blot && Math.hypot(x - blot.x, y - blot.y) < blot.radius;
      const cloth = 150 + 30 * Math.sin((x + y / 2 + shift) / 2) + 6 * rng.normal();
      for (let c = 0; c < 3; c++) data[at++] = inside ? 20 : Math.min(255, Math.max(0, cloth - 12 * c));
    }
  await images.writePng(file, { width: drawnSide, height: drawnSide, channels: 3, data });
  return file;
}

/** Its ground truth. */
export async function drawMask(file: string, blot: Blot): Promise<string> {
  const data = Uint8Array.from({ length: drawnSide * drawnSide }, (_, at) =>
    Math.hypot((at % drawnSide) - blot.x, Math.floor(at / drawnSide) - blot.y) < blot.radius ? 255 : 0,
  );
  await images.writePng(file, { width: drawnSide, height: drawnSide, channels: 1, data });
  return file;
}

/** `count` normal images in `folder`. */
export const drawNormals = (folder: string, count: number, firstSeed = 0): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, (_, i) => drawCloth(`${folder}/${String(i).padStart(3, '0')}.png`, firstSeed + i)),
  );

export const request = (
  given: Pick<TrainingRequest, 'images' | 'out' | 'config'> & Partial<TrainingRequest>,
): TrainingRequest => ({
  source: 'cloth',
  name: 'cloth',
  teacher,
  seed: 1,
  falseAlarmRate: 0.05,
  createdAt: '2024-11-24T00:00:00.000Z',
  ...given,
});

/** A watch whose user stops when the phase has done so much. */
export function stoppedAt(phase: string, done: number): Watch {
  let aborted = false;
  return {
    ...watch,
    signal: {
      get aborted() {
        return aborted;
      },
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    },
    onProgress: (progress: Progress) => {
      if (progress.phase === phase && progress.done >= done) aborted = true;
    },
  };
}

/** Resolves where `work` rejects with a UserError of one line that matches. */
export const refused = (work: Promise<unknown>, message: RegExp): Promise<void> =>
  assert.rejects(work, (error) => {
    assert.ok(error instanceof UserError, `${String(error)} is not a UserError`);
    assert.doesNotMatch(error.message, /\n/);
    assert.match(error.message, message);
    return true;
  });
