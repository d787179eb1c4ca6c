import type { Frame, Locator } from 'playwright-core';
import { until } from '../driver/until.ts';
import type { VsCode } from '../driver/vscode.ts';
import { part, patienceMs } from './anomalyView.ts';

/** What the dataset view says of itself in `#app`. */
export interface ShownDataset {
  readonly state: string;
  readonly images: number;
  readonly shown: number;
  readonly done: number;
  readonly threshold: number;
  readonly saved: number;
  readonly falseAlarms: number;
  readonly misses: number;
  /** By hand. */
  readonly labelled: number;
  readonly proposalKind: string;
  readonly proposal: number;
  /** What the proposal promises. */
  readonly promisedFalseAlarms: number;
  readonly promisedMisses: number;
  readonly selected: number;
  /** Path of the image that the keyboard is on. */
  readonly focus: string;
}

/** The visible dataset view, as soon as everything is inspected. */
export const datasetView = (code: VsCode, state = 'done'): Promise<Frame> =>
  code.frameWith(`#app[data-folder][data-state=${state}]`, 4 * patienceMs);

export async function shownDataset(frame: Frame): Promise<ShownDataset> {
  const data = await frame.locator('#app').evaluate((app) => ({ ...app.dataset }));
  const number = (name: string) => Number(data[name]);
  return {
    state: data['state'] ?? '',
    images: number('images'),
    shown: number('shown'),
    done: number('done'),
    threshold: number('threshold'),
    saved: number('saved'),
    falseAlarms: number('falseAlarms'),
    misses: number('misses'),
    labelled: number('labelled'),
    proposalKind: data['proposalKind'] ?? '',
    proposal: number('proposal'),
    promisedFalseAlarms: number('promisedFalseAlarms'),
    promisedMisses: number('promisedMisses'),
    selected: number('selected'),
    focus: data['focus'] ?? '',
  };
}

/** What the view shows, as soon as it is as wanted. */
export const becomes = (frame: Frame, what: string, wanted: (shown: ShownDataset) => boolean): Promise<ShownDataset> =>
  until(what, async () => {
    const shown = await shownDataset(frame);
    return wanted(shown) ? shown : undefined;
  });

/** Drags the mouse along places of an element, given as shares of its width and height. */
export async function dragAlong(
  code: VsCode,
  element: Locator,
  places: readonly (readonly [x: number, y: number])[],
): Promise<void> {
  await element.scrollIntoViewIfNeeded();
  const box = (await element.boundingBox())!;
  for (const [at, [x, y]] of places.entries()) {
    await code.page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: at === 0 ? 1 : 6 });
    if (at === 0) await code.page.mouse.down();
  }
  await code.page.mouse.up();
}

/** Chooses from one of the view's drop-down lists. */
export async function choose(frame: Frame, id: string, option: string): Promise<void> {
  const list = part(frame, id);
  const face = list.getByRole('combobox');
  await until(`"${option}" of ${id}`, async () => {
    // Under load the list may open later than one waits: a second click would close it.
    if ((await face.getAttribute('aria-expanded')) !== 'true') await face.click({ timeout: 5_000 });
    await list.getByRole('option', { name: option, exact: true }).click({ timeout: 5_000 });
    return true;
  });
}

/** Types a path into the editor's simple file dialog and confirms. */
export async function answerFileDialog(code: VsCode, path: string): Promise<void> {
  const input = code.page.locator('.quick-input-widget input[type=text]');
  const holds = async (wanted: (value: string) => boolean): Promise<boolean> =>
    wanted(await input.inputValue({ timeout: 3_000 }));
  // The widget is shared with the list before it; a file dialog holds a path from its start, and
  // writes it when it has read the folder.
  await until('the file dialog', () => holds((value) => value.startsWith('/')), patienceMs);
  await until('the file dialog to close', async () => {
    if (!(await input.isVisible())) return true;
    // It may close in between.
    await input.fill(path, { timeout: 3_000 });
    await code.page.waitForTimeout(300);
    if (!(await holds((value) => value === path))) return false;
    await code.page.keyboard.press('Enter');
    return until('it', async () => !(await input.isVisible()), 3_000);
  });
}
