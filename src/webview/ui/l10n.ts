/**
 * The translations that the host put into the page, by the English text, as vscode.l10n has them.
 */
let texts: Readonly<Record<string, string>> | undefined;

function load(): Readonly<Record<string, string>> {
  const element = document.getElementById('texts');
  return JSON.parse(element?.textContent || '{}') as Record<string, string>;
}

/** `text` in the user's language, `{0}` replaced by values[0] and so on. */
export function t(text: string, ...values: (string | number)[]): string {
  texts ??= load();
  return (texts[text] ?? text).replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
}

/** A score to three figures, as everywhere in the view. */
export const figures = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2) : '–';
