/** One call at a time; of those that come meanwhile only the latest waits. */
export function latestOnly<A>(run: (argument: A) => Promise<void>): (argument: A) => void {
  let running = false;
  let waiting: { readonly argument: A } | undefined;
  const next = async (argument: A): Promise<void> => {
    running = true;
    try {
      await run(argument);
    } finally {
      running = false;
      const { argument: latest } = waiting ?? {};
      const again = waiting !== undefined;
      waiting = undefined;
      if (again) void next(latest as A);
    }
  };
  return (argument) => {
    if (running) waiting = { argument };
    else void next(argument);
  };
}
