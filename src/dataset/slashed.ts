/** The engine's paths have `/` everywhere. */
export const slashed = (file: string): string => file.replaceAll('\\', '/');
