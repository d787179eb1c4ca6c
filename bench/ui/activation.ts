import type { VsCode } from '../../test/e2e/driver/vscode.ts';
import { until } from '../../test/e2e/driver/until.ts';

export interface Activation {
  /** Milliseconds that VS Code says our extension took to load and to activate. */
  readonly ours: number;
  /**
   * The same of those in the list down to ours, the slowest first: VS Code's own, and the bench's
   * watch.
   */
  readonly others: readonly number[];
}

/**
 * What VS Code's list of running extensions says: the slowest first, so that its end may have to be
 * scrolled to.
 */
export async function activationMs(code: VsCode): Promise<Activation> {
  await code.runCommand('Developer: Show Running Extensions');
  const rows = code.page.locator('.monaco-list-row').filter({ hasText: /Activation:\s*\d+\s*ms/ });
  const found = new Map<string, number>();
  await rows.first().click();
  await until('the activation time', async () => {
    for (const text of await rows.allTextContents()) found.set(text, Number(/Activation:\s*(\d+)\s*ms/.exec(text)![1]));
    if ([...found.keys()].some(isOurs)) return true;
    await code.page.keyboard.press('PageDown');
    return false;
  });
  await code.page.keyboard.press('Escape');
  await rows.first().waitFor({ state: 'hidden' });
  const times = [...found];
  return {
    ours: times.find(([text]) => isOurs(text))![1],
    others: times.filter(([text]) => !isOurs(text)).map(([, ms]) => ms),
  };
}

const isOurs = (text: string): boolean => text.includes('NFERD: visual');
