import { Worker } from 'node:worker_threads';

/** Starts a thread from its source below src/, which Node can't do by itself. */
export function sourceThread(file: string): Worker {
  const source = new URL(`../../../src/${file}`, import.meta.url).href;
  return new Worker(`import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(source)})))`, {
    eval: true,
  });
}

/** Starts such threads and remembers them. */
export function sourceThreads(file: string): { readonly started: Worker[]; readonly start: () => Worker } {
  const started: Worker[] = [];
  return {
    started,
    start() {
      const worker = sourceThread(file);
      started.push(worker);
      return worker;
    },
  };
}
