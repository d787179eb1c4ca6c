import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

const src = path.resolve(import.meta.dirname, '../../src');

/** Room → rooms it may import. Direction: pure ← services ← runtime, worker, cli; extension and webview only see the protocol. */
const mayImport: Record<string, readonly string[]> = {
  graph: [],
  metrics: [],
  dataset: [],
  nferd: ['graph', 'metrics'],
  protocol: ['nferd'],
  services: ['graph', 'metrics', 'dataset', 'nferd', 'protocol'],
  runtime: ['services', 'graph', 'metrics', 'dataset', 'nferd', 'protocol'],
  worker: ['services', 'runtime', 'protocol', 'nferd', 'graph', 'metrics', 'dataset'],
  cli: ['services', 'runtime', 'protocol', 'nferd', 'graph', 'metrics', 'dataset'],
  extension: ['protocol'],
  webview: ['protocol'],
};

/** Package (or `node:`) → the only rooms that may import it. A package that is not listed may be imported nowhere. */
const packageRooms: Record<string, readonly string[]> = {
  '@bufbuild/protobuf': ['graph'],
  '@petamoriken/float16': ['graph'],
  'onnxruntime-node': ['runtime'],
  sharp: ['runtime'],
  '@julusian/jpeg-turbo': ['runtime'],
  '@photostructure/sqlite': ['runtime'],
  'umap-js': ['runtime'],
  yauzl: ['runtime'],
  commander: ['cli'],
  vscode: ['extension'],
  '@vscode-elements/elements': ['webview'],
  'd3-array': ['webview'],
  'd3-scale': ['webview'],
  'd3-selection': ['webview'],
  'd3-shape': ['webview'],
  'd3-zoom': ['webview'],
  'node:': ['runtime', 'worker', 'cli', 'extension'],
};

interface Edge {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

const importsOf = (file: string): string[] =>
  ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName);

function edges(): Edge[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .flatMap((name) =>
      importsOf(path.join(src, name)).map((target) => ({ file: name, room: name.split(path.sep)[0]!, target })),
    );
}

/** Why `edge` breaks the house, or undefined. */
export function fault({ file, room, target }: Edge): string | undefined {
  if (target.startsWith('.')) {
    const other = path.relative(src, path.resolve(src, path.dirname(file), target)).split(path.sep)[0]!;
    if (other === room) return undefined;
    return mayImport[room]?.includes(other) ? undefined : `${file}: ${room} → ${other}`;
  }
  const name = target.startsWith('node:')
    ? 'node:'
    : target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/');
  return packageRooms[name]?.includes(room) ? undefined : `${file}: ${room} → ${target}`;
}

test('imports point inward and each outside world has one importer', () => {
  assert.deepEqual(edges().map(fault).filter(Boolean), []);
});

test('the rule sees a breach', () => {
  assert.ok(fault({ file: 'nferd/bank.ts', room: 'nferd', target: '../runtime/session.ts' }));
  assert.ok(fault({ file: 'nferd/bank.ts', room: 'nferd', target: 'node:fs' }));
  assert.ok(fault({ file: 'cli/main.ts', room: 'cli', target: 'onnxruntime-node' }));
  assert.equal(fault({ file: 'cli/main.ts', room: 'cli', target: '../services/train.ts' }), undefined);
});
