/** Our documents: what people read in the repository. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { fillBlocks } from './blocks.ts';

export const root = path.resolve(import.meta.dirname, '../..');

/** Markdown files at the root and in docs, relative to the root. */
export const documents = ['.', 'docs'].flatMap((folder) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join(folder, name)),
);

export const textOf = (document: string): string => readFileSync(path.join(root, document), 'utf8');

/** The document as `npm run docs` writes it. */
export async function madeAnew(document: string): Promise<string> {
  const file = path.join(root, document);
  return format(fillBlocks(textOf(document)), { ...(await resolveConfig(file)), filepath: file });
}
