/** What the source files import, which rooms they are in, and what breaks the table of rooms. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { packageRooms, rooms } from './rooms.ts';

export const src = path.resolve(import.meta.dirname, '../../src');

/** An import; both files relative to src, with `/`. */
export interface Edge {
  readonly file: string;
  /** A file of ours, or a package as it is written. */
  readonly target: string;
  readonly ours: boolean;
}

const slashed = (file: string): string => file.replaceAll(path.sep, '/');

/** All source files, relative to src. */
export const sourceFiles = (): string[] =>
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map(slashed)
    .sort();

/** Every import of every source file, types included. */
export const edges = (): Edge[] =>
  sourceFiles().flatMap((file) =>
    ts
      .preProcessFile(readFileSync(path.join(src, file), 'utf8'))
      .importedFiles.map(({ fileName }) => edge(file, fileName)),
  );

/** @param written as it stands in the import */
export function edge(file: string, written: string): Edge {
  const ours = written.startsWith('.');
  return { file, ours, target: ours ? path.posix.join(path.posix.dirname(file), written) : written };
}

/** The room with the longest path that begins the file's; the first folder where there is none. */
export function roomOf(file: string): string {
  const parts = file.split('/').slice(0, -1);
  for (let length = parts.length; length > 0; length--) {
    const room = parts.slice(0, length).join('/');
    if (Object.hasOwn(rooms, room)) return room;
  }
  return parts[0] ?? '';
}

/** Why an import breaks the house, or undefined. */
export function fault({ file, ours, target }: Edge): string | undefined {
  const room = roomOf(file);
  if (ours) {
    const other = roomOf(target);
    return other === room || rooms[room]?.mayImport.includes(other) ? undefined : `${file}: ${room} → ${other}`;
  }
  const parts = target.split('/').slice(0, target.startsWith('@') ? 2 : 1);
  const name = target.startsWith('node:') ? 'node:' : parts.join('/');
  return packageRooms[name]?.includes(room) ? undefined : `${file}: ${room} → ${target}`;
}

/**
 * Files that import each other in a ring: the strongly connected components of more than one file
 * (Tarjan 1972).
 */
export function cycles(all: readonly Edge[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { file, target, ours } of all) {
    if (!next.has(file)) next.set(file, []);
    if (ours) next.get(file)!.push(target);
  }
  const [index, low] = [new Map<string, number>(), new Map<string, number>()];
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file)!);
    stack.push(file);
    for (const target of next.get(file) ?? []) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file)!, low.get(target)!));
    }
    if (low.get(file) !== index.get(file)) return;
    const ring = stack.splice(stack.indexOf(file));
    if (ring.length > 1) found.push(ring);
  };
  [...next.keys()].forEach((file) => index.has(file) || visit(file));
  return found;
}
