/** Options of this folder's command lines; all throw what is wrong with one. */
import { formats, type Format } from './drawSet.ts';

/** A whole number from `least` on. */
export function whole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < least)
    throw new Error(`--${option}: ${text} is no whole number from ${least} on.`);
  return value;
}

/** `2048` or `4096x1024`; parts are at least 300 px wide. */
export function pixelsOf(option: string, text: string): { readonly width: number; readonly height: number } {
  const [width, height = width, ...more] = text.split('x').map((side) => whole(option, side, 300));
  if (width === undefined || height === undefined || more.length > 0)
    throw new Error(`--${option}: ${text} is no size. Give 2048 or 4096x1024.`);
  return { width, height };
}

export function formatOf(text: string): Format {
  const format = formats.find((each) => each === text);
  if (!format) throw new Error(`--format: ${text} is none of ${formats.join(', ')}.`);
  return format;
}
