import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import { runCommand } from './palette.ts';
import { patience, until } from './until.ts';

/**
 * Changes the user's settings.json as a user does by hand: opens it in an editor, replaces its
 * text, saves, closes. (code-server doesn't watch that file, so a change from outside would go
 * unseen. `undefined` removes a setting.)
 */
export async function editSettings(
  page: Page,
  file: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  const read = async (): Promise<object> => JSON.parse(await readFile(file, 'utf8')) as object;
  const text = JSON.stringify({ ...(await read()), ...changes });
  const editor = page.locator(`.monaco-editor[data-uri$=${JSON.stringify(file)}]`);

  await runCommand(page, 'Preferences: Open User Settings (JSON)');
  await editor.and(page.locator('.focused')).waitFor();
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text); // typing would close brackets twice
  await until('settings.json to be saved', async () => {
    // Once more where the editor, still loading, lost the selection.
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.press('ControlOrMeta+V');
    await page.keyboard.press('ControlOrMeta+S');
    return until('the file', async () => isDeepStrictEqual(await read(), JSON.parse(text)), patience(2_000));
  });
  // VS Code opens settings in a dialog over the editors; a message or a hint on screen may take the
  // first Escape.
  await until('settings.json to close', async () => {
    await page.keyboard.press('Escape');
    return until('the editor', async () => !(await editor.isVisible()), patience(500));
  });
}
