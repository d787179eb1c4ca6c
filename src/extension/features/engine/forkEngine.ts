import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';

/**
 * Starts the engine with the editor's own Node, which in Electron is asked for by an environment variable.
 * @param settings variables that the engine reads (engineEnvironment)
 */
export function forkEngine(worker: string, settings: Readonly<Record<string, string>> = {}): ChildProcess {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return fork(worker, [], {
    // Not the editor's, which may be anyone's repository: libraries are looked for in the current folder as well.
    cwd: path.dirname(worker),
    env: { ...env, ...settings, ELECTRON_RUN_AS_NODE: '1' },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}
