import type { Page } from 'playwright-core';
import { patience, until } from './until.ts';

/** Runs the command with that title, category first, as soon as the palette offers it. */
export async function runCommand(page: Page, title: string): Promise<void> {
  const row = page
    .locator('.quick-input-widget .monaco-list-row')
    .filter({ has: page.locator('.label-name').getByText(title, { exact: true }) });
  await until(`the command "${title}"`, async () => {
    try {
      await page.keyboard.press('F1');
      await page.locator('.quick-input-widget input[type=text]').fill(`>${title}`, { timeout: patience(2_000) });
      await row.first().click({ timeout: patience(1_000) });
      return true;
    } catch (error) {
      await page.keyboard.press('Escape');
      throw error;
    }
  });
}
