/** JSON to read: indented by two, an array of numbers in one line. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    // A string has no line break of its own, so that this is none.
    /\[\n\s+([-\d][^[\]{}"]*?)\n\s*\]/g,
    (_, numbers: string) => `[${numbers.replace(/,\s+/g, ', ')}]`,
  );
