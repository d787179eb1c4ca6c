import type { Frame, Locator } from 'playwright-core';
import { patience, until } from '../driver/until.ts';
import type { VsCode } from '../driver/vscode.ts';

/** What the view says of itself in `#app`. */
export interface Shown {
  readonly score: number;
  readonly threshold: number;
  readonly verdict: string;
  readonly layer: string;
  /** The hottest spot, in pixels of the image. */
  readonly hot: Point;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const patienceMs = patience(120_000);

/** A control or text of the view by its test id. */
export const part = (frame: Frame, id: string): Locator => frame.locator(`[data-testid=${JSON.stringify(id)}]`);

/**
 * The visible view of an image whose path ends so, as soon as it is in that state; `done` means the
 * map is on screen.
 */
export function viewOf(code: VsCode, image: string, state: 'done' | 'busy' | 'failed' = 'done'): Promise<Frame> {
  const painted = state === 'done' ? '[data-painted]' : '';
  return code.frameWith(`#app[data-image$=${JSON.stringify(image)}][data-state=${state}]${painted}`, patienceMs);
}

/** *Detect anomalies* from the image's context menu. */
export async function detectAnomalies(code: VsCode, image: string): Promise<Frame> {
  await code.openContextMenu(image, 'Detect anomalies');
  return viewOf(code, image);
}

export async function shown(frame: Frame): Promise<Shown> {
  const data = await frame.locator('#app').evaluate((app) => ({ ...app.dataset }));
  return {
    score: Number(data['score']),
    threshold: Number(data['threshold']),
    verdict: data['verdict'] ?? '',
    layer: data['layer'] ?? '',
    hot: { x: Number(data['hotX']), y: Number(data['hotY']) },
  };
}

/** The verdict, as soon as it is this one. */
export async function verdictBecomes(frame: Frame, verdict: 'anomalous' | 'normal'): Promise<Shown> {
  await frame.locator(`#app[data-verdict=${verdict}]`).waitFor({ timeout: patienceMs });
  return shown(frame);
}

/** Clicks a pixel of an image of `side` × `side` that is shown whole. */
export async function clickPixel(frame: Frame, { x, y }: Point, side: number): Promise<void> {
  const canvas = part(frame, 'canvas');
  const { width, height } = (await canvas.boundingBox())!;
  const scale = Math.min(8, (width - 24) / side, (height - 24) / side);
  const along = (at: number, room: number): number => (room - side * scale) / 2 + (at + 0.5) * scale;
  await canvas.click({ position: { x: along(x, width), y: along(y, height) } });
}

/** *Why here?* at the top of its column, every crop of it drawn: they come one by one. */
export async function showWhy(frame: Frame): Promise<void> {
  await part(frame, 'place').evaluate((place) =>
    (place.closest('section') ?? place).scrollIntoView({ block: 'start' }),
  );
  const drawn = (): boolean =>
    [...document.querySelectorAll<HTMLCanvasElement>('canvas.crop:not(.missing)')].every((crop) => {
      const centre = crop.getContext('2d')!.getImageData(crop.width >> 1, crop.height >> 1, 1, 1);
      return centre.data[3]! > 0;
    });
  await frame.waitForFunction(drawn, undefined, { timeout: patienceMs });
}

/** Presses Tab until the control has the focus, as one without a mouse does. */
export async function tabTo(code: VsCode, frame: Frame, id: string): Promise<void> {
  await until(`the focus on ${id}`, async () => {
    await code.page.keyboard.press('Tab');
    return (await frame.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['testid'])) === id;
  });
}

/** Chooses what has the label from VS Code's list. */
export async function pick(code: VsCode, label: string, timeoutMs = patienceMs): Promise<void> {
  const row = code.page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: label });
  await row.first().click({ timeout: timeoutMs });
}

/**
 * Runs a command by its title and chooses from the list that it shows. VS Code gives the focus back
 * to the view when the palette closes, and on a busy machine that comes after the list is shown and
 * closes it (microsoft/vscode#93950): then both once more, as a user would.
 */
export async function runAndPick(code: VsCode, title: string, label: string): Promise<void> {
  await until(`"${label}" in the list of "${title}"`, async () => {
    await code.runCommand(title);
    await pick(code, label, patience(5_000));
    return true;
  });
}
