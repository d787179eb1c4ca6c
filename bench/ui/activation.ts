import type { VsCode } from '../../test/e2e/driver/vscode.ts';
import { until } from '../../test/e2e/driver/until.ts';

export interface Activation {
  /** Milliseconds that VS Code says our extension took to load and to activate. */
  readonly ours: number;
  /** The same of the extensions in the list that are not ours: VS Code's own, and the bench's watch. */
  readonly others: readonly number[];
}

/** What VS Code's list of running extensions says, as much of it as is on screen. */
export async function activationMs(code: VsCode): Promise<Activation> {
  await code.runCommand('Developer: Show Running Extensions');
  const rows = code.page.locator('.monaco-list-row').filter({ hasText: /Activation:\s*\d+\s*ms/ });
  const ours = rows.filter({ hasText: 'NFERD: visual' });
  await until('the activation time', async () => (await ours.count()) > 0);
  const times = async (list: typeof rows): Promise<number[]> =>
    (await list.allTextContents()).map((text) => Number(/Activation:\s*(\d+)\s*ms/.exec(text)![1]));
  const found = { ours: (await times(ours))[0]!, others: await times(rows.filter({ hasNotText: 'NFERD: visual' })) };
  await code.page.keyboard.press('Escape');
  await rows.first().waitFor({ state: 'hidden' });
  return found;
}
