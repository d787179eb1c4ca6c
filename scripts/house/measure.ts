/** `npm run house`: how large the house is, and where it is fullest, longest and widest. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { longLines } from '../docs/markdown.ts';
import { documents } from '../docs/documents.ts';
import { cycles, edges, sourceFiles } from './imports.ts';
import { filesBelow, filesByFolder, functionsIn, isCode, isTypeScript, root, wideLines } from './limits.ts';

const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const places = (files: readonly string[], linesOf: (text: string) => number[]): string[] =>
  files.flatMap((file) => linesOf(textOf(file)).map((line) => `${file}:${line}`));

const sources = sourceFiles().map((file) => `src/${file}`);
const code = filesBelow('.').filter(isCode);
const folders = filesByFolder(sources);
const [fullest, count] = folders[0]!;
const [fullestTests, tests] = filesByFolder(filesBelow('test/unit').filter(isTypeScript))[0]!;
const [longest] = code
  .filter(isTypeScript)
  .flatMap((file) => functionsIn(textOf(file)).map((each) => ({ ...each, file })))
  .sort((a, b) => b.lines - a.lines);
const rings = cycles(edges());
const wide = places(code, wideLines);
const widePages = places(documents, longLines);

console.log(`source files               ${sources.length} in ${folders.length} folders`);
console.log(`fullest folder             ${count} in ${fullest}; of unit tests ${tests} in ${fullestTests}`);
console.log(`import cycles              ${rings.length}`);
console.log(`longest function           ${longest!.lines} lines: ${longest!.name}, ${longest!.file}:${longest!.line}`);
console.log(`code over 120 columns      ${wide.length} lines`);
console.log(`documents over 100 columns ${widePages.length} lines`);
for (const each of [...rings.map((ring) => ring.join(' → ')), ...wide, ...widePages]) console.log(`  ${each}`);
