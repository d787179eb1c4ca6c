/** The number that a user typed, with a point or a comma; undefined for what is none. */
export function numberIn(text: string): number | undefined {
  const found = Number(text.trim().replace(',', '.'));
  return text.trim() !== '' && Number.isFinite(found) ? found : undefined;
}
