import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { paths } from '../../test/e2e/driver/paths.ts';
import type { ViewState } from '../../src/protocol/anomalyView.ts';

const dist = path.resolve(import.meta.dirname, '../../dist/webview');
/** Never reached: every request is answered here. */
const origin = 'http://view.localhost';

export interface Standalone {
  readonly page: Page;
  dispose(): Promise<void>;
}

/**
 * The state of a view whose image has one round defect in its middle; the map is made in the page.
 */
export function exampleState(width: number, height: number): Omit<ViewState, 'detection'> {
  return {
    revision: 1,
    image: { path: '/image.jpg', name: 'image.jpg', uri: `${origin}/image.jpg`, place: 1, count: 1 },
    phase: { kind: 'done' },
    settings: {
      opacity: 0.6,
      colorMap: 'inferno',
      contour: true,
      layout: 'overlay',
      range: 'threshold',
      neighbours: 5,
    },
    ui: {},
    warnings: [],
    thresholds: {
      image: { value: 1, origin: 'calibrated' },
      pixel: { value: 1, origin: 'calibrated' },
      calibrated: { image: 1, pixel: 1 },
      falseAlarmRate: 0.05,
      promised: true,
    },
    detection: { original: { width, height } },
  } as never;
}

/**
 * The page of the anomaly view in a plain Chromium, with `image` and a host that knows only what is
 * shown.
 */
export async function openStandalone(image: Buffer, state: object): Promise<Standalone> {
  const browser: Browser = await chromium.launch({
    executablePath: paths.chromium,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const [script, style] = await Promise.all(
    ['anomalyView.js', 'anomalyView.css'].map((name) => readFile(path.join(dist, name), 'utf8')),
  );
  const html =
    `<!doctype html><html lang="en"><head><title>View</title><style>${style}</style></head><body ` +
    `class="vscode-dark">
<main id="app"></main><script type="application/json" id="texts">{}</script>
<script type="application/json" ` +
    `id="state">${JSON.stringify({ ...state, phase: { kind: 'busy', message: '…' }, detection: undefined })}</script>
<script>${host(JSON.stringify(state))}</script><script ` +
    `type="module">${script!.replaceAll('</script', '<\\/script')}</script></body></html>`;
  await page.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html });
    if (pathname === '/image.jpg') return route.fulfill({ contentType: 'image/jpeg', body: image });
    return route.fulfill({ status: 404 });
  });
  await page.goto(`${origin}/`);
  await page.locator('#app[data-painted]').waitFor();
  return { page, dispose: () => browser.close() };
}

/** Answers `ready` with the state and a detection; keeps what the view asks for in `asked`. */
const host = (state: string): string =>
  `
  globalThis.asked = [];
  globalThis.acquireVsCodeApi = () => ({ getState: () => undefined, setState() {}, ` +
  `postMessage(message) {
    if (message.rpc !== 'call') return;
    asked.push(message);
    const state = ${state};
    const side = 64, data = new Float32Array(side * side);
    for (let i = 0; i < data.length; i++) {
      const [x, y] = [i % side - side / 2, Math.floor(i / side) - side / 2];
      data[i] = 0.4 + 0.3 * Math.sin(x / 2.25) * Math.cos(y / 1.75) + 3 * Math.exp(-(x * x + y * ` +
  `y) / 19);
    }
    const anomalyGrid = { width: side, height: side, data };
    const detector = { folder: '/d', name: 'd', mode: 'instant', teacher: 't', input: { width: ` +
  `4 * side, height: 4 * side }, normalImages: 9, createdAt: '',
      version: '1', thresholds: {}, calibrationScores: [0.3, 0.5, 0.9], calibrationPeaks: [0.4, ` +
  `0.6, 0.9] };
    const detection = { image: '/image.jpg', original: state.detection.original, score: 3, ` +
  `anomalyGrid,
      stages: [{ name: 's', stride: 4, anomalyMap: anomalyGrid }], detector, executionProvider: ` +
  `'cpu', elapsedMs: 1 };
    const answers = { ready: () => ({ ...state, detection }), neighbours: () => [], ` +
  `...globalThis.answers };
    setTimeout(() => window.postMessage({ rpc: 'ok', id: message.id, value: ` +
  `answers[message.method]?.(message.argument) }));
  } });`;
