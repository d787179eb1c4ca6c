import type { ChildProcess } from 'node:child_process';
import type { Engine, EngineOptions } from '../../../protocol/engine.ts';
import type { InspectionEngine } from '../../../protocol/inspection.ts';
import { logLevels, type EngineHost, type Log } from '../../../protocol/log.ts';
import { connect, RpcError, type Connection, type Handlers, type Port, type Remote } from '../../../protocol/rpc.ts';
import type { Translate } from '../../config.ts';

export interface EngineProcessPorts {
  /** Starts the process with an IPC channel of `serialization: 'advanced'` and piped output. */
  readonly spawn: () => ChildProcess;
  readonly log: Log;
  readonly t: Translate;
  /** Called whenever the process starts, stops, gets or finishes work. */
  readonly onDidChange?: () => void;
  readonly idleMs?: number;
}

/** All that the process serves. */
export type WholeEngine = Engine & InspectionEngine;

interface Running {
  readonly child: ChildProcess;
  readonly connection: Connection<WholeEngine>;
  /** What it computes with, as JSON. */
  options?: string;
}

/**
 * The engine's process: started by the first request, started anew after its death, stopped when
 * nothing was asked for a while.
 */
export class EngineProcess {
  readonly #ports: EngineProcessPorts;
  #running: Running | undefined;
  #idle: NodeJS.Timeout | undefined;
  #disposed = false;
  #outdated = false;

  constructor(ports: EngineProcessPorts) {
    this.#ports = ports;
  }

  /**
   * The engine, computing with these options from the next request on; started where it doesn't
   * run. What is in flight when it dies rejects with a message for the user.
   */
  use(options: EngineOptions): Remote<WholeEngine> {
    if (this.#disposed) throw new RpcError('disposed', this.#ports.t('The extension was stopped.'));
    clearTimeout(this.#idle);
    const running = (this.#running ??= this.#start());
    this.#configure(running, options);
    queueMicrotask(() => this.#ports.onDidChange?.());
    return running.connection.remote;
  }

  get busy(): boolean {
    return (this.#running?.connection.active ?? 0) > 0;
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /**
   * What the process was started with has changed: it stops as soon as nothing is under way, and
   * the next request starts another.
   */
  renew(): void {
    if (this.busy) this.#outdated = true;
    else this.#stop(this.#ports.t('The engine was stopped.'));
  }

  dispose(): void {
    this.#disposed = true;
    this.#stop(this.#ports.t('The extension was stopped.'));
  }

  #start(): Running {
    const { spawn, log, onDidChange, t } = this.#ports;
    const child = spawn();
    log.info(`Engine started, process ${child.pid ?? '?'}.`);
    forward(child.stdout, (line) => log.info(line));
    forward(child.stderr, (line) => log.warn(line));
    const connection = connect<WholeEngine, EngineHost>(portOf(child), hostHandlers(log), () => {
      if (this.#outdated) this.#stop(t('The engine was stopped.'));
      else this.#startIdling();
      onDidChange?.();
    });
    const running: Running = { child, connection };
    const end = (what: string) => {
      if (this.#running !== running) return;
      this.#running = undefined;
      log.error(`Engine process ${child.pid ?? '?'} ended: ${what}.`);
      connection.dispose(
        t(
          'The engine stopped unexpectedly ({0}). Try again: it starts anew by itself. The engine log has the details.',
          what,
        ),
      );
      if (child.exitCode === null && child.signalCode === null) child.kill();
      onDidChange?.();
    };
    child.on('error', (error) => end(error.message));
    // `exit` knows why, and may follow `disconnect`.
    child.on('disconnect', () => setTimeout(() => end(t('its channel closed')), 500).unref());
    child.on('exit', (code, signal) => end(signal ?? t('exit code {0}', String(code))));
    return running;
  }

  /** Messages arrive in order: what is asked for afterwards is computed so. */
  #configure(running: Running, options: EngineOptions): void {
    const wanted = JSON.stringify(options);
    if (running.options === wanted) return;
    running.options = wanted;
    running.connection.remote.configure(options).catch((error: Error) => this.#ports.log.warn(error.message));
  }

  #startIdling(): void {
    const { idleMs = 5 * 60_000, log, t } = this.#ports;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (!this.#running || this.busy) return;
      log.info('Engine stopped: nothing to do.');
      this.#stop(t('The engine was stopped.'));
    }, idleMs).unref();
  }

  #stop(reason: string): void {
    clearTimeout(this.#idle);
    this.#outdated = false;
    const running = this.#running;
    this.#running = undefined;
    running?.connection.dispose(reason);
    running?.child.kill();
    this.#ports.onDidChange?.();
  }
}

const hostHandlers = (log: Log): Handlers<EngineHost> => ({
  log({ level, message }) {
    if (logLevels.includes(level)) log[level](message);
  },
});

function portOf(child: ChildProcess): Port {
  return {
    post(message) {
      if (!child.connected) throw new Error('the engine is not connected');
      child.send(message as object);
    },
    listen(onMessage) {
      child.on('message', onMessage);
      return () => void child.off('message', onMessage);
    },
  };
}

function forward(stream: NodeJS.ReadableStream | null, write: (line: string) => void): void {
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => {
    for (const line of text.split('\n')) if (line.trim()) write(line);
  });
}
