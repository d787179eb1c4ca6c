import * as vscode from 'vscode';
import type { Progress } from '../../../protocol/engine.ts';
import type { CallOptions } from '../../../protocol/rpc.ts';
import { Failure } from '../../messages.ts';

export type WorkOptions = Required<Pick<CallOptions, 'onProgress'>> & { readonly signal: AbortSignal };

/** What a view is told of the work it waits for. */
export interface WorkEvents {
  /** undefined: nothing runs any more. */
  readonly onProgress: (progress: Progress | undefined) => void;
  readonly onStart: () => void;
  readonly onFailure: (error: unknown) => void;
}

interface Running {
  readonly controller: AbortController;
  readonly inspects: boolean;
  readonly ended: Promise<unknown>;
}

/** Does one thing at a time for a view, with its progress there; what fails is told. */
export class Work {
  readonly #events: WorkEvents;
  #running: Running | undefined;

  constructor(events: WorkEvents) {
    this.#events = events;
  }

  /**
   * @param inspects whether it may be stopped when another detector comes into use
   * @returns undefined where it failed or was stopped
   * @throws Failure while something else runs
   */
  async run<T>(
    phase: string,
    work: (options: WorkOptions) => Promise<T>,
    { inspects = false } = {},
  ): Promise<T | undefined> {
    this.check();
    const controller = new AbortController();
    const { signal } = controller;
    let toldMs = 0;
    const onProgress = (progress: Progress) => {
      const nowMs = performance.now();
      if (nowMs - toldMs < 100 && progress.done < progress.total) return;
      toldMs = nowMs;
      if (!signal.aborted) this.#events.onProgress(progress);
    };
    this.#events.onStart();
    this.#events.onProgress({ phase, done: 0, total: 0 });
    const ended = work({ signal, onProgress });
    const running = { controller, inspects, ended: ended.catch(() => undefined) };
    this.#running = running;
    try {
      return await ended;
    } catch (error) {
      if (this.#running === running || !signal.aborted) this.#events.onFailure(error);
      return undefined;
    } finally {
      if (this.#running === running) this.#end();
    }
  }

  /** @throws Failure while something runs: better said before the user has answered questions */
  check(): void {
    if (!this.#running) return;
    throw new Failure(
      this.#running.inspects
        ? vscode.l10n.t('The folder is being inspected. Wait for it or stop it first.')
        : vscode.l10n.t('Something else is under way here. Wait for it or stop it first.'),
    );
  }

  /** By the user. */
  stop(): void {
    if (!this.#running) return;
    this.#running.controller.abort();
    this.#events.onProgress({ phase: vscode.l10n.t('Stopping…'), done: 0, total: 0 });
  }

  /** Makes room for another inspection: stops one, waits for anything else. */
  async settle(): Promise<void> {
    while (this.#running) {
      const running = this.#running;
      if (!running.inspects) await running.ended;
      else {
        running.controller.abort();
        this.#end();
      }
    }
  }

  dispose(): void {
    this.#running?.controller.abort();
  }

  #end(): void {
    this.#running = undefined;
    this.#events.onProgress(undefined);
  }
}
