import type { Progress } from '../protocol/engine.ts';

/** `Training 120/600, 3.4/s, 2 min 21 s left, loss 0.1234`. */
export function progressText({ phase, done, total, rate, remainingMs, loss }: Progress): string {
  return [
    total === Infinity ? `${phase} ${done}` : `${phase} ${done}/${total}`,
    ...(rate === undefined ? [] : [`${rate >= 100 ? rate.toFixed(0) : rate.toPrecision(2)}/s`]),
    ...(remainingMs === undefined || done >= total ? [] : [`${durationText(remainingMs)} left`]),
    ...(loss === undefined ? [] : [`loss ${loss.toPrecision(4)}`]),
  ].join(', ');
}

/** `45 s`, `2 min 5 s`, `1 h 3 min`. */
export function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const quietMs = { terminal: 100, plain: 5000 };
const clear = '\r\u001b[K';

/**
 * Progress as one line that is written over on a terminal, as a line every few seconds elsewhere. A
 * phase's first and last report are always shown on a terminal, its end everywhere.
 */
export function progressLine(terminal: Terminal, clock: () => number) {
  const live = terminal.isTTY === true;
  let phase = '';
  let shownMs = -Infinity;
  let open = false;
  const end = (): void => {
    if (open) terminal.write(clear);
    open = false;
  };
  return {
    /** Removes the line, so that something else can be written. */
    clear: end,
    show(progress: Progress): void {
      const now = clock();
      const over = progress.done >= progress.total;
      const begins = progress.phase !== phase;
      if (begins) shownMs = live ? -Infinity : now;
      phase = progress.phase;
      if (!over && now - shownMs < (live ? quietMs.terminal : quietMs.plain)) return;
      shownMs = now;
      const text = progressText(progress);
      if (!live) terminal.write(`${text}\n`);
      else if (over) {
        terminal.write(`${clear}${text}\n`);
        open = false;
      } else {
        terminal.write(`${clear}${text.slice(0, (terminal.columns || 80) - 1)}`);
        open = true;
      }
    },
  };
}
