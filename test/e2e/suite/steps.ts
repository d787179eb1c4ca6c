import { test as nodeTest } from 'node:test';
import type { VsCode } from '../driver/vscode.ts';

/**
 * Tests that go on from one another. When one fails, a picture is taken of what was on screen, and
 * the tests after it are skipped by name: what they wait for can't come, and each would wait its
 * minutes.
 * @param code asked when a test fails
 */
export function steps(code: () => VsCode | undefined): (name: string, run: () => Promise<void>) => void {
  let failed: string | undefined;
  return (name, run) =>
    void nodeTest(name, async (context) => {
      if (failed !== undefined) return context.skip(`goes on from "${failed}", which failed`);
      try {
        await run();
      } catch (error) {
        failed = name;
        await code()
          ?.screenshot('failure')
          .catch(() => undefined);
        throw error;
      }
    });
}
