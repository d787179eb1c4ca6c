/** Well below the three flashes a second that may harm. */
const halfPeriodMs = 700;

/**
 * Shows and hides the map in turn while it is switched on; where less motion is wanted, only the
 * user does (Space).
 */
export function flicker(show: (mapShown: boolean) => void): (on: boolean) => void {
  let timer: number | undefined;
  let shown = true;
  return (on) => {
    const wanted =
      on &&
      !matchMedia('(prefers-reduced-motion: reduce)').matches &&
      !document.body.classList.contains('vscode-reduce-motion');
    if (wanted === (timer !== undefined)) return;
    clearInterval(timer);
    timer = undefined;
    if (wanted) timer = window.setInterval(() => show((shown = !shown)), halfPeriodMs);
    else if (!shown) queueMicrotask(() => show((shown = true)));
  };
}
