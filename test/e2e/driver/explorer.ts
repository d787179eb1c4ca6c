import type { Locator, Page } from 'playwright-core';
import { patience, until } from './until.ts';

/** Selects the rows, right-clicks the last, clicks `item`; retries until the menu offers it. */
export async function openMenuItem(page: Page, names: readonly string[], item: string): Promise<void> {
  // By its label: the accessible name has the keyboard shortcut as well.
  const label = page.locator('.action-label').getByText(item, { exact: true });
  const menuItem = page.getByRole('menuitem').filter({ has: label });
  const menu = page.locator('.monaco-menu-container');
  await until(`"${item}" in the menu of ${names.join(', ')}`, async () => {
    // One that came after the last attempt had given it up lies over the rows.
    if (await menu.first().isVisible()) await page.keyboard.press('Escape');
    if (names.length > 1) {
      for (const [index, name] of names.entries()) {
        await (
          await reveal(page, name)
        ).click({ modifiers: index > 0 ? ['ControlOrMeta'] : [], timeout: patience(1_000) });
      }
    }
    await (await reveal(page, names.at(-1)!)).click({ button: 'right', timeout: patience(1_000) });
    try {
      await menuItem.click({ timeout: patience(1_000) });
    } catch (error) {
      await page.keyboard.press('Escape');
      throw error;
    }
    // VS Code ignores a click that follows the right-click too soon: the menu is then still open.
    return until('the menu to close', async () => {
      if (!(await menuItem.isVisible())) return true;
      await menuItem.click({ timeout: patience(300) });
      return false;
    });
  });
}

/**
 * The row of a path below the workspace folder, with the folders above it expanded, scrolled into
 * view.
 */
export async function reveal(page: Page, name: string): Promise<Locator> {
  const parts = name.split('/');
  for (const depth of parts.keys()) {
    const row = rowOf(page, parts.slice(0, depth + 1));
    await scrollTo(page, row, name);
    if (depth === parts.length - 1) return row;
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.click({ timeout: patience(5_000) });
  }
  throw new Error('A row needs a name.');
}

/**
 * By depth and path; the name alone would match `good/000.png` for `scratch/000.png`. Decorations
 * follow the path.
 */
function rowOf(page: Page, parts: readonly string[]): Locator {
  return page
    .locator(`.explorer-folders-view .monaco-list-row[aria-level="${parts.length}"]`)
    .filter({ has: page.locator(`.monaco-icon-label[aria-label*=${JSON.stringify(`/${parts.join('/')}`)}]`) })
    .filter({ has: page.locator('.label-name').getByText(parts.at(-1)!, { exact: true }) });
}

/**
 * Turns the wheel until the row is on screen, down and up again: the Explorer renders only what is
 * in view.
 */
async function scrollTo(page: Page, row: Locator, name: string): Promise<void> {
  const list = page.locator('.explorer-folders-view .monaco-list');
  const rendered = (): Promise<string> =>
    list.locator('.monaco-list-row').evaluateAll((rows) => rows.map((each) => each.getAttribute('data-index')).join());
  const { x, y, width, height } = (await list.boundingBox())!;
  const step = height / 2;
  let sweep = 1;
  // Not hover, which would wait for whatever lies over the list to go.
  await page.mouse.move(x + width / 2, y + step);
  const isThere = async (): Promise<boolean> => {
    const outer = (await list.boundingBox())!;
    const inner = (await row.count()) ? await row.boundingBox() : undefined;
    const above = inner && inner.y < outer.y;
    if (inner && !above && inner.y + inner.height <= outer.y + outer.height) return true;

    const before = await rendered();
    await page.mouse.wheel(0, inner ? (above ? -66 : 66) : sweep * step);
    await until('other rows', async () => (await rendered()) !== before, patience(300)).catch(() => (sweep = -sweep));
    return false;
  };
  await until(`the row ${name} in the Explorer`, isThere, patience(10_000));
}
