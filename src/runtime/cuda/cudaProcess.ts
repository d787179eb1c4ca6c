import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CudaLibraries, CudaProof } from '../../services/cuda/cudaRuntime.ts';

/** What the process of its own answers, as its last line of stdout. */
export type CudaAnswer =
  { readonly libraries: CudaLibraries } | { readonly proof: CudaProof } | { readonly error: string };

/** A GPU that hangs, as one that has fallen off its bus does. */
const patienceMs = 5 * 60_000;

/** A debugger's port is its parent's. */
const withoutDebugger = (flags: readonly string[]): string[] => flags.filter((flag) => !flag.startsWith('--inspect'));

/**
 * Asks about a folder with a CUDA provider in a process of its own: a library, once loaded, stays;
 * a broken one may end the process.
 *
 * @param entry src/worker/cudaCheck.ts or what it was built to
 * @returns the answer
 * @throws Error with everything the process said, for cudaReason
 */
export async function askCuda(entry: string, question: 'libraries' | 'proof', folder: string): Promise<CudaAnswer> {
  // Its links lead into a folder that is about to be renamed.
  const own = await mkdtemp(path.join(os.tmpdir(), 'nferd-cuda-'));
  const env = {
    ...process.env,
    ELECTRON_RUN_AS_NODE: '1',
    NFERD_CUDA_FOLDER: own,
    NFERD_CUDA_PROVIDERS: path.resolve(folder),
    NFERD_MODEL_CACHE: own,
  };
  try {
    const child = spawn(process.execPath, [...withoutDebugger(process.execArgv), path.resolve(entry), question], {
      // An empty place in LD_LIBRARY_PATH is the current folder, which may be anyone's repository.
      cwd: own,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: patienceMs,
    });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    const ended = await new Promise<string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    const [line = ''] = said.out.trim().split('\n').slice(-1);
    if (!line.startsWith('{')) throw new Error(`${said.err}\nthe check ended with ${ended}`.trim());
    const answer = JSON.parse(line) as CudaAnswer;
    // What onnxruntime logs has the cause; what it throws often only says that it failed.
    if ('error' in answer) throw new Error(`${said.err}\n${answer.error}`.trim());
    return answer;
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}
