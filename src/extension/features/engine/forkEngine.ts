import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';

/**
 * Starts the engine with the editor's own Node, which in Electron is asked for by an environment
 * variable. `NFERD_ENGINE_INSPECT` names a port that a debugger can attach to.
 * @param settings variables that the engine reads (engineEnvironment)
 */
export function forkEngine(worker: string, settings: Readonly<Record<string, string>> = {}): ChildProcess {
  const { NODE_OPTIONS: _, NFERD_ENGINE_INSPECT: port, ...env } = process.env;
  return fork(worker, [], {
    // Not the editor's, which may be anyone's repository: libraries are looked for in the current
    // folder as well.
    cwd: path.dirname(worker),
    env: { ...env, ...settings, ELECTRON_RUN_AS_NODE: '1' },
    // Never the editor's own: an extension host that is debugged listens on a port already.
    execArgv: port && /^\d+$/.test(port) ? [`--inspect=127.0.0.1:${port}`] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}
