// One list of bundles. `node esbuild.mjs --watch` builds again on every change; `--bench SCRIPT`
// builds a script of bench/ and what it needs.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, context } from 'esbuild';

const common = { bundle: true, sourcemap: 'linked', logLevel: 'warning', legalComments: 'none', minifySyntax: true };
const native = ['onnxruntime-node', 'sharp', '@photostructure/sqlite', '@julusian/jpeg-turbo'];
/** ES modules in Node, where what they bundle may call `require`. */
const nodeModule = {
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: native,
  banner: {
    js: "import { createRequire as nferdRequire } from 'node:module'; const require = nferdRequire(import.meta.url);",
  },
};

/** Threads lie beside what starts them. */
const threads = (folder) =>
  ['onnx/sessionThread', 'banks/bankThread'].map((name) => ({
    in: `src/runtime/${name}.ts`,
    out: `${folder}/${path.basename(name)}.mjs`,
    ...nodeModule,
  }));

/**
 * `import * as vscode` would copy the whole of VS Code's interface, property by property, once for
 * every file, while the extension is activated (`npm run bench:ui`).
 */
const plainVscode = {
  name: 'plain vscode',
  setup: ({ onLoad }) =>
    onLoad({ filter: /src.extension.*\.ts$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      return {
        loader: 'ts',
        contents: text.replace("import * as vscode from 'vscode'", "const vscode = require('vscode')"),
      };
    }),
};

const product = [
  { in: 'src/cli/main.ts', out: 'dist/cli.mjs', ...nodeModule },
  { in: 'src/worker/main.ts', out: 'dist/worker.mjs', ...nodeModule },
  { in: 'src/worker/metricsThread.ts', out: 'dist/metricsThread.mjs', ...nodeModule },
  ...threads('dist'),
  { in: 'src/worker/cudaCheck.ts', out: 'dist/cudaCheck.mjs', ...nodeModule },
  {
    in: 'src/extension/extension.ts',
    out: 'dist/extension.cjs',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode'],
    plugins: [plainVscode],
    minify: true,
  },
  ...['anomalyView', 'datasetView'].flatMap((view) => [
    {
      in: `src/webview/${view}/main.ts`,
      out: `dist/webview/${view}.js`,
      platform: 'browser',
      target: 'chrome120',
      format: 'esm',
      minify: true,
    },
    {
      in: `src/webview/${view}/${view}.css`,
      out: `dist/webview/${view}.css`,
      target: 'chrome120',
      minify: true,
    },
  ]),
];

const script = process.argv.includes('--bench') && process.argv.at(-1);
const bundles = script
  ? [{ in: script, out: `.cache/bench/${path.parse(script).name}.mjs`, ...nodeModule }, ...threads('.cache/bench')]
  : product;

const watch = process.argv.includes('--watch');
if (watch) common.logLevel = 'info';
const watched = [];
for (const { in: entry, out, ...options } of bundles) {
  if (!existsSync(entry)) throw new Error(`${entry}: this bundle's entry is missing`);
  const task = { ...common, ...options, entryPoints: [entry], outfile: out };
  if (watch) watched.push(await context(task));
  else await build(task);
}
// Each builds once more as it begins to watch. What waits for the first build (.vscode/tasks.json)
// reads the line.
await Promise.all(watched.map((each) => each.rebuild().catch(() => undefined)));
for (const each of watched) await each.watch();
if (watch) console.log('Watching for changes');
