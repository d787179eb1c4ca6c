import type { Frame, Page } from 'playwright-core';

type Clicked = typeof globalThis & { nferdClickedMs?: number };

/**
 * From now on notes when the mouse button was released last: what chooses an item of VS Code's
 * menus.
 */
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

/** Milliseconds from the last click to what the page marked. */
export interface Times {
  /** When VS Code asked us for the view. */
  readonly askedMs: number;
  /** When we gave it the page. */
  readonly madeMs: number;
  readonly scriptMs: number;
  readonly builtMs: number;
  readonly pictureMs: number;
  readonly detectionMs: number;
  readonly paintedMs: number;
}

async function lastClick(page: Page): Promise<number> {
  const clicked = await page.evaluate(() => (globalThis as Clicked).nferdClickedMs);
  if (clicked === undefined) throw new Error('Nothing was clicked.');
  return clicked;
}

/**
 * Milliseconds from the last click to the moment the only picture of VS Code's own image preview
 * was loaded.
 */
export async function previewMs(page: Page, preview: Frame): Promise<number> {
  const loaded = await preview.evaluate(() => {
    const pictures = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const ends = pictures.filter(({ initiatorType }) => initiatorType === 'img').map(({ responseEnd }) => responseEnd);
    return performance.timeOrigin + Math.max(...ends);
  });
  return Math.round(loaded - (await lastClick(page)));
}

/** Milliseconds from the last click to each mark of this view. */
export async function timesOf(page: Page, frame: Frame): Promise<Times> {
  const clicked = await lastClick(page);
  const marks = await frame.evaluate(() => [
    ...['askedMs', 'madeMs'].map((name) => [name, Number(document.getElementById('app')!.dataset[name])] as const),
    ...performance
      .getEntriesByType('mark')
      .filter(({ name }) => name.startsWith('nferd:'))
      .map(({ name, startTime }) => [`${name.slice(6)}Ms`, performance.timeOrigin + startTime] as const),
  ]);
  return Object.fromEntries(marks.map(([name, at]) => [name, Math.round(at - clicked)])) as unknown as Times;
}
