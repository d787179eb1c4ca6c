/** `run`, `ms` after the last call: what changes together is told of once. */
export function debounce(ms: number, run: () => void): { readonly call: () => void; dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    call() {
      clearTimeout(timer);
      timer = setTimeout(run, ms);
    },
    dispose: () => clearTimeout(timer),
  };
}
