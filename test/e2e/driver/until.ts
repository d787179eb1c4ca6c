/**
 * Calls `attempt` until it returns something other than undefined, false or null, and returns that; a throw counts as
 * "not yet". Rejects after `timeoutMs`, naming `what` was awaited and the last error. A minute by default:
 * where other work shares the machine, VS Code's extension host takes half of that to start.
 */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined | null | false>,
  timeoutMs = 60_000,
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
