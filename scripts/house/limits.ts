/** The limits that keep the house easy to read, and how the files are held against them. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export const root = path.resolve(import.meta.dirname, '../..');

/** In one folder; style sheets and data lie beside them uncounted. */
export const mostFiles = 20;
export const mostLines = 80;
export const mostColumns = 120;

const ignored = /^(node_modules|\.git|\.tsbuild|\.venv|\.cache|\.vscode-test|dist|out|artifacts|__pycache__)$/;
const generated = ['src/graph/onnx_pb.ts', 'package-lock.json'];

/** Files below a folder of the repository that people write, relative to the root, with `/`; links are not followed. */
export function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return ignored.test(entry.name) || file === 'demo' ? [] : filesBelow(file);
      return entry.isFile() && !generated.includes(file) ? [file] : [];
    })
    .sort();
}

export const isCode = (file: string): boolean => /\.(ts|mjs|css|sh|py|ya?ml)$/.test(file);
export const isTypeScript = (file: string): boolean => /\.(ts|mjs)$/.test(file);

/** Folder → how many of the files lie in it itself; the fullest first. */
export function filesByFolder(files: readonly string[]): [folder: string, count: number][] {
  const counts = new Map<string, number>();
  for (const folder of files.map((file) => path.posix.dirname(file))) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

export interface MeasuredFunction {
  readonly name: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly lines: number;
}

/** Every function of a source text: lines from the first to the last, comments and blank ones included. */
export function functionsIn(text: string): MeasuredFunction[] {
  const source = ts.createSourceFile('text.ts', text, ts.ScriptTarget.Latest, true);
  const found: MeasuredFunction[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
      const line = lineAt(node.getStart());
      found.push({ name: nameOf(node), line, lines: lineAt(node.end) - line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText();
  const { parent } = node;
  const named = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent);
  if (named) return parent.name.getText();
  return ts.isConstructorDeclaration(node) ? 'constructor' : 'a function';
}

/** Numbers of the lines that are wider than `columns`, from 1. */
export const wideLines = (text: string, columns = mostColumns): number[] =>
  text.split('\n').flatMap((line, at) => ([...line].length > columns ? [at + 1] : []));
