// Zooming and panning over an image of 50 megapixels, in Chromium: part of npm run bench:ui
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { median } from '../report.ts';
import { exampleState, openStandalone } from './standalone.ts';

const size = { width: 8660, height: 5774 };

export interface ZoomTimes {
  readonly openMs: number;
  /** Between drawings, while zooming and panning. */
  readonly frameMs: { readonly median: number; readonly p95: number; readonly worst: number };
  /** What a drawing itself takes. */
  readonly drawMs: { readonly median: number; readonly worst: number };
}

/** A photograph's worth of detail: noise under broad shapes. */
async function largeImage(): Promise<Buffer> {
  const coarse = await sharp({
    create: {
      width: 866,
      height: 577,
      channels: 3,
      background: '#777',
      noise: { type: 'gaussian', mean: 120, sigma: 40 },
    },
  })
    .png()
    .toBuffer();
  return sharp(coarse).resize(size).jpeg({ quality: 85 }).toBuffer();
}

/**
 * Frame times of a drag and of the wheel at several scales, with the map and the contour over the
 * image.
 */
export async function zoomTimes(): Promise<ZoomTimes> {
  const image = await largeImage();
  const start = performance.now();
  const { page, dispose } = await openStandalone(image, exampleState(size.width, size.height));
  try {
    const openMs = performance.now() - start;
    const box = (await page.locator('[data-testid=canvas]').boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await startClock(page);
    for (let turn = 0; turn < 24; turn++) await wheel(page, -60);
    for (let turn = 0; turn < 40; turn++) await wheel(page, turn < 20 ? -40 : 40);
    await page.mouse.down();
    for (let step = 0; step < 60; step++) {
      await page.mouse.move(x + 300 * Math.sin(step / 6), y + 200 * Math.sin(step / 9));
      await nextFrame(page);
    }
    await page.mouse.up();
    for (let turn = 0; turn < 24; turn++) await wheel(page, 60);
    if (process.env['NFERD_SHOT']) await page.screenshot({ path: process.env['NFERD_SHOT'] });
    const { frames, draws } = await stopClock(page);
    const sorted = frames.toSorted((a, b) => a - b);
    return {
      openMs,
      frameMs: { median: median(frames), p95: sorted[Math.ceil(0.95 * sorted.length) - 1]!, worst: sorted.at(-1)! },
      drawMs: { median: median(draws), worst: Math.max(...draws) },
    };
  } finally {
    await dispose();
  }
}

const nextFrame = (page: Page): Promise<unknown> =>
  page.evaluate('new Promise((resolve) => void requestAnimationFrame(() => resolve()))');

async function wheel(page: Page, by: number): Promise<void> {
  await page.mouse.wheel(0, by);
  await nextFrame(page);
}

interface Clock {
  frames: number[];
  draws: number[];
}
type Clocked = typeof globalThis & { clock: Clock };

/**
 * Times between frames, and of the callbacks that draw in them. As text: tsx would mark its
 * functions by a helper that the page lacks.
 */
const startClock = (page: Page): Promise<unknown> =>
  page.evaluate(`(() => {
    const clock = (globalThis.clock = { frames: [], draws: [] });
    const request = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) => request((now) => {
      const started = performance.now();
      callback(now);
      clock.draws.push(performance.now() - started);
    });
    let last;
    const tick = (now) => {
      if (last !== undefined) clock.frames.push(now - last);
      last = now;
      request(tick);
    };
    request(tick);
  })()`);

const stopClock = (page: Page): Promise<Clock> =>
  page.evaluate(() => {
    const { frames, draws } = (globalThis as Clocked).clock;
    // Waiting for a frame is no drawing.
    return { frames, draws: draws.filter((ms) => ms > 0.05) };
  });
