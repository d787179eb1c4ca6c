import type { VsCode } from '../../test/e2e/driver/vscode.ts';
import { until } from '../../test/e2e/driver/until.ts';

/** Milliseconds that VS Code says our extension took to load and to activate, from its list of running extensions. */
export async function activationMs(code: VsCode): Promise<number> {
  await code.runCommand('Developer: Show Running Extensions');
  const row = code.page.locator('.monaco-list-row', { hasText: 'NFERD: visual' }).filter({ hasText: 'Activation' });
  const text = await until('the activation time', async () => (await row.count()) > 0 && row.first().textContent());
  await code.page.keyboard.press('Escape');
  await row.waitFor({ state: 'hidden' });
  return Number(/Activation:\s*(\d+)\s*ms/.exec(text)![1]);
}
