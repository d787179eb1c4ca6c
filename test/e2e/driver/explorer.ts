import type { Locator, Page } from 'playwright-core';
import { until } from './until.ts';

/** Selects the rows, right-clicks the last, clicks `item`; retries until the menu offers it. */
export async function openMenuItem(page: Page, rowNames: readonly string[], item: string): Promise<void> {
  const menuItem = page.getByRole('menuitem', { name: item, exact: true });
  await until(`"${item}" in the menu of ${rowNames.join(', ')}`, async () => {
    await page.keyboard.press('Escape');
    for (const [index, name] of rowNames.entries()) {
      const row = await reveal(page, name);
      if (rowNames.length > 1) await row.click({ modifiers: index > 0 ? ['ControlOrMeta'] : [], timeout: 1_000 });
      if (index === rowNames.length - 1) await row.click({ button: 'right', timeout: 1_000 });
    }
    await menuItem.click({ timeout: 1_000 });
    return true;
  });
}

/** Expands the folders on the way to `name` and returns its row, scrolled into view. */
async function reveal(page: Page, name: string): Promise<Locator> {
  const parts = name.split('/');
  for (const depth of parts.keys()) {
    const row = rowOf(page, parts.slice(0, depth + 1));
    if (depth === parts.length - 1) return row;
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
  }
  throw new Error('unreachable');
}

function rowOf(page: Page, parts: readonly string[]): Locator {
  return page
    .locator(`.explorer-folders-view .monaco-list-row[aria-level="${parts.length}"]`)
    .filter({ has: page.locator('.label-name').getByText(parts.at(-1)!, { exact: true }) });
}
