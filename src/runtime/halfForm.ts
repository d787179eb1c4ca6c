import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { tryHalf, type HalfForm, type HalfTrial } from '../services/halfForm.ts';
import type { Session } from '../services/sessionPort.ts';
import { atomicWrite } from './atomicWrite.ts';
import { runtime } from './cudaPlace.ts';
import { modelCache } from './optimisedModels.ts';

/** What was found out in this process. */
const tried = new Map<string, HalfTrial>();

/**
 * The session of a model or, where a trial finds that faster on this provider and as good, that of its 16-bit form. The trial is made once for a model and a
 * version of onnxruntime; what came of it is kept beside the optimised models.
 *
 * @param open opens either form on the provider
 */
export async function openFaster(
  model: Uint8Array,
  form: HalfForm,
  provider: string,
  open: (model: Uint8Array) => Promise<Session>,
  folder = modelCache(),
): Promise<Session> {
  const identity = [runtime().version, provider, os.cpus()[0]?.model].join('\0');
  const key = createHash('sha256').update(identity).update(model).digest('hex').slice(0, 32);
  const file = folder && path.join(folder, `${key}.float16.json`);
  const known = tried.get(key) ?? (file ? await readTrial(file) : undefined);
  if (known?.float16) return { ...(await open(form.make())), float16: true };
  const whole = await open(model);
  if (known) return whole;
  const half = await open(form.make()).catch(() => undefined);
  const trial = half && (await tryHalf(whole, half, form, () => performance.now()).catch(() => undefined));
  // What failed may have been short of memory: the next process tries again.
  tried.set(key, trial ?? { float16: false, speedUp: 0, difference: 0 });
  if (file && trial) await atomicWrite(file, JSON.stringify(trial), { flush: false }).catch(() => undefined);
  if (!half || !trial?.float16) {
    await half?.release();
    return whole;
  }
  await whole.release();
  return { ...half, float16: true };
}

/** undefined where there is none, or one that can't be read. */
async function readTrial(file: string): Promise<HalfTrial | undefined> {
  try {
    const found = JSON.parse(await readFile(file, 'utf8')) as HalfTrial;
    return typeof found.float16 === 'boolean' ? found : undefined;
  } catch {
    return undefined;
  }
}
