import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  filesBelow,
  filesByFolder,
  functionsIn,
  isCode,
  isTypeScript,
  mostFiles,
  mostLines,
  root,
  wideLines,
} from '../../../scripts/house/limits.ts';

const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const code = filesBelow('.').filter(isCode);

test(`no folder below src and test/unit has more than ${mostFiles} files`, () => {
  const files = ['src', 'test/unit'].flatMap(filesBelow).filter(isTypeScript);
  assert.ok(files.length > 500);
  assert.deepEqual(
    filesByFolder(files).filter(([, count]) => count > mostFiles),
    [],
  );
});

test(`no function is longer than ${mostLines} lines`, () => {
  const long = code
    .filter(isTypeScript)
    .flatMap((file) => functionsIn(textOf(file)).map(({ name, lines }) => ({ file, name, lines })))
    .filter(({ lines }) => lines > mostLines);
  assert.deepEqual(long, []);
});

test('no line of code is wider than 120 columns', () => {
  assert.deepEqual(
    code.flatMap((file) => wideLines(textOf(file)).map((line) => `${file}:${line}`)),
    [],
  );
});

test('the measures see what is too much', () => {
  assert.deepEqual(filesByFolder(['a/b/x.ts', 'a/y.ts', 'a/b/z.ts']), [
    ['a/b', 2],
    ['a', 1],
  ]);
  const text = 'const one = () => {\n  two();\n};\nclass A {\n  b() {}\n}\n[].map(() => 1);\n';
  assert.deepEqual(functionsIn(text), [
    { name: 'one', line: 1, lines: 3 },
    { name: 'b', line: 5, lines: 1 },
    { name: 'a function', line: 7, lines: 1 },
  ]);
  assert.deepEqual(wideLines(`${'ä'.repeat(120)}\n${'ä'.repeat(121)}\n`), [2]);
});
