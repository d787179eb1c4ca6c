#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { teachersDir } from '../runtime/files/dataDir.ts';
import { cudaPorts } from '../runtime/cuda/cudaPorts.ts';
import { createDownload } from '../runtime/net/download.ts';
import { enginePorts } from '../runtime/ports.ts';
import { onDidFallBack } from '../runtime/onnx/providers.ts';
import { progressLine } from './progressLine.ts';
import { run } from './run.ts';

// dist/cli.mjs as built, src/cli/main.ts from source.
const here = fileURLToPath(import.meta.url);
const root = path.resolve(path.dirname(here), here.endsWith('.ts') ? '../..' : '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };

const clock = () => performance.now();
const progress = progressLine(process.stderr, clock);
const stop = new AbortController();
const onInterrupt = (): void => {
  if (!stop.signal.aborted) return stop.abort();
  // Who asks twice does not want to wait for the step under way. `process.exit` would abort where a
  // thread is inside onnxruntime.
  process.off('SIGINT', onInterrupt);
  process.kill(process.pid, 'SIGINT');
};
process.on('SIGINT', onInterrupt);
// The reader of a pipe may leave early, as `head` does: nobody waits for the rest.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  stop.abort();
});

process.env.NFERD_MODEL_CACHE ??= path.join(path.dirname(teachersDir()), 'optimised');
onDidFallBack((line) => {
  progress.clear();
  process.stderr.write(`nferd: ${line}\n`);
});

process.exitCode = await run(process.argv.slice(2), version, {
  ports: enginePorts,
  teachers: { shipped: path.join(root, 'models'), user: teachersDir() },
  download: createDownload(),
  cuda: cudaPorts(path.join(root, here.endsWith('.ts') ? 'src/worker/cudaCheck.ts' : 'dist/cudaCheck.mjs')),
  watch: { clock, signal: stop.signal, onProgress: (news) => progress.show(news) },
  print(text) {
    progress.clear();
    process.stdout.write(`${text}\n`);
  },
  say(text) {
    progress.clear();
    process.stderr.write(`${text}\n`);
  },
});
