// Frame times of the dataset view with 100,000 rows in Chromium: npm run bench:grid. With --serve:
// only serves the view, for developing.
import { loadavg } from 'node:os';
import { chromium, type CDPSession, type Page } from 'playwright-core';
import { paths } from '../../test/e2e/driver/paths.ts';
import { fixed, machine, median, writeReport } from '../report.ts';
import { serveView } from './serve.ts';

const rows = 100_000;
const targetMs = 16.7;

interface Frames {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  readonly frames: number;
  /**
   * Processor time of the page's main thread for a frame: what other work on the machine does not
   * change.
   */
  readonly mainMs: number;
}

/** Processor time of the main thread so far, in seconds. */
async function mainSeconds(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
}

/** Runs `step` in every frame for a while and says how long frames took. */
async function framesOf(page: Page, what: 'wheel' | 'fast' | 'drag', seconds: number): Promise<Frames> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await mainSeconds(devtools);
  const times = await page.evaluate(
    async ([kind, ms]) => {
      const grid = document.querySelector<HTMLElement>('[data-testid=grid]')!;
      const threshold = document.querySelector<SVGElement>('[data-testid=threshold]')!;
      const found: number[] = [];
      const start = performance.now();
      let last = start;
      let tick = 0;
      await new Promise<void>((done) => {
        // A method: what tsx makes of other functions with a name, the page does not know.
        const each = {
          frame(now: number): void {
            found.push(now - last);
            last = now;
            tick++;
            if (kind === 'drag') {
              const key = tick % 200 < 100 ? 'ArrowRight' : 'ArrowLeft';
              threshold.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
            } else grid.scrollTop += kind === 'wheel' ? 24 : 900;
            if (now - start < ms) requestAnimationFrame(each.frame);
            else done();
          },
        };
        requestAnimationFrame((now) => {
          last = now;
          requestAnimationFrame(each.frame);
        });
      });
      return found;
    },
    [what, seconds * 1000] as const,
  );
  const mainMs = (1000 * ((await mainSeconds(devtools)) - before)) / times.length;
  await devtools.detach();
  const sorted = times.toSorted((a, b) => a - b);
  return {
    medianMs: median(times),
    p99Ms: sorted[Math.min(sorted.length - 1, Math.floor(0.99 * sorted.length))]!,
    worstMs: sorted.at(-1)!,
    frames: times.length,
    mainMs,
  };
}

if (process.argv.includes('--serve')) {
  console.log((await serveView(8123)).url);
} else {
  const started = machine('npm run bench:grid');
  const view = await serveView();
  const browser = await chromium.launch({ executablePath: paths.chromium, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    const openedMs = performance.now();
    await page.goto(`${view.url}?rows=${rows}`);
    await page.locator(`#app[data-images="${rows}"] .cell`).first().waitFor();
    const shownMs = performance.now() - openedMs;
    await page.waitForTimeout(1500);
    const results = {
      scrolling: await framesOf(page, 'wheel', 5),
      'scrolling five rows a frame': await framesOf(page, 'fast', 5),
      'moving the threshold': await framesOf(page, 'drag', 5),
    };
    if (faults.length > 0) throw new Error(faults.join('\n'));
    const loads = [started.load, loadavg()[0]!];
    writeReport(
      'grid',
      { machine: { ...started, load: loads[1]! }, loads, rows, targetMs, shownMs, results } as never,
      `The dataset view with ${rows.toLocaleString('en')} generated rows in Chromium (software ` +
        `rendering, which shares the processor), window of 1280 × 800:
times between frames, and what the page's main thread computes for one. The page with all rows ` +
        `was on screen after ${fixed(shownMs / 1000, 1)} s. Load average ` +
        `${loads.map((load) => fixed(load, 1)).join(' before, ')} after.`,
      [
        [
          'what',
          'median, ms',
          'p99, ms',
          'worst, ms',
          'frames',
          'main thread, ms of processor a frame',
          'target: median, ms',
        ],
        ...Object.entries(results).map(
          ([what, { medianMs, p99Ms, worstMs, frames, mainMs }]) =>
            [
              what,
              ...[medianMs, p99Ms, worstMs].map((ms) => fixed(ms, 1)),
              String(frames),
              fixed(mainMs, 1),
              `≤ ${targetMs}`,
            ] as const,
        ),
      ],
    );
    console.log(results);
  } finally {
    await browser.close();
    view.close();
  }
}
