import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isImagePath } from '../../ids.ts';

const order = new Intl.Collator('en', { numeric: true });

/** The images beside `image`, itself included, in the Explorer's order. */
export async function folderImages(image: string): Promise<string[]> {
  const folder = path.dirname(image);
  const names = await readdir(folder).catch(() => [] as string[]);
  return names
    .filter(isImagePath)
    .sort(order.compare)
    .map((name) => path.join(folder, name));
}
