import type { Frame, Page } from 'playwright-core';

type Clicked = typeof globalThis & { nferdClickedMs?: number };

/** From now on notes when the mouse button was released last: what chooses an item of VS Code's menus. */
export async function noteClicks(page: Page): Promise<void> {
  // No named function: tsx would mark it by a helper that the page lacks.
  await page.evaluate(() =>
    document.addEventListener(
      'mouseup',
      () => void ((globalThis as Clicked).nferdClickedMs = performance.timeOrigin + performance.now()),
      true,
    ),
  );
}

/** Milliseconds from the last click to the first drawing of the map in this view. */
export async function clickToMapMs(page: Page, frame: Frame): Promise<number> {
  const clicked = await page.evaluate(() => (globalThis as Clicked).nferdClickedMs);
  const painted = await frame.evaluate(
    () => performance.timeOrigin + performance.getEntriesByName('nferd:painted')[0]!.startTime,
  );
  if (clicked === undefined) throw new Error('Nothing was clicked.');
  return painted - clicked;
}
