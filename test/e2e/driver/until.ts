import { availableParallelism, loadavg } from 'node:os';

/**
 * `ms` on a machine of our own; longer, up to fourfold, where other work shares its cores. A wait
 * ends as soon as what it waits for is there: patience hides nothing and costs only those who fail.
 */
export function patience(ms: number): number {
  return ms * Math.min(4, Math.max(1, loadavg()[0]! / availableParallelism()));
}

/**
 * Calls `attempt` until it returns something other than undefined, false or null, and returns that;
 * a throw counts as "not yet". Rejects after `timeoutMs`, naming `what` was awaited and the last
 * error. A minute by default, or as long as `patience` makes of it.
 */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined | null | false>,
  timeoutMs = patience(60_000),
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const result = await attempt();
      if (result !== undefined && result !== null && result !== false) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (performance.now() < deadline);
  const why = last instanceof Error ? ` Last: ${last.message}` : '';
  throw new Error(`Gave up waiting for ${what} after ${timeoutMs} ms.${why}`, { cause: last });
}
