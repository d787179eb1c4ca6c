import { readFile } from 'node:fs/promises';
import type { Frame } from 'playwright-core';
import { paths } from '../driver/paths.ts';

interface Axe {
  run(): Promise<{ violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
}

/** What axe-core finds wrong in the document of a frame, one line for each element. */
export async function violationsIn(frame: Frame): Promise<string[]> {
  // The page's policy lets no other script in; the debugger does.
  await frame.evaluate(await readFile(paths.axe, 'utf8'));
  return frame.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html}: ${failureSummary ?? ''}`),
    );
  });
}

/**
 * Marks what can be operated, and returns the marks: those that Tab must come to. Of a group of
 * radios one is enough.
 */
export function operable(frame: Frame): Promise<string[]> {
  return frame.evaluate(() => {
    const wanted = 'button:not(:disabled), input:not(:disabled, [type=radio]:not(:checked)), select, [tabindex="0"]';
    return [...document.querySelectorAll<HTMLElement>(wanted)]
      .filter((element) => element.checkVisibility())
      .map((element, index) => {
        element.dataset['stop'] = `${index} ${element.dataset['testid'] ?? element.tagName}`;
        return element.dataset['stop'];
      });
  });
}

/** The mark of what has the focus; undefined where that lies outside. */
export function focused(frame: Frame): Promise<string | undefined> {
  return frame.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    return document.hasFocus() ? element?.dataset['stop'] : undefined;
  });
}

/** Whether the eye can tell where the focus is: the outline of what has it. */
export function outlineOfFocus(frame: Frame): Promise<string> {
  return frame.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!);
    return outlineStyle === 'none' ? 'none' : outlineWidth;
  });
}
