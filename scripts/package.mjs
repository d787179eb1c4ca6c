// Packages the extension: one .vsix per target, each with its own native binaries only.
//   npm run package                    for this machine
//   npm run package -- --target win32-x64 --target darwin-arm64
//   npm run package -- --all
//   npm run package -- --all --pre-release
//   npm run bench:package              all, and the sizes into bench/results/package.md
// Whatever it writes lies in out/, which git ignores, but for the sizes that it is asked to report.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { entriesOf, faultsOf } from './binaries.mjs';
import { bundle } from './l10n.mjs';
import { notices } from './notices.mjs';
import { targets } from './targets.mjs';

const root = path.resolve(import.meta.dirname, '..');
const modules = path.join(root, 'node_modules');
const manifest = json(path.join(root, 'package.json'));
/** Packages that esbuild puts into our bundles. */
const bundled = [
  '@bufbuild/protobuf',
  '@petamoriken/float16',
  'commander',
  'umap-js',
  'ml-levenberg-marquardt',
  'is-any-array',
  'ml-matrix',
  'ml-array-max',
  'ml-array-min',
  'ml-array-rescale',
  'yauzl',
  'pend',
  '@vscode-elements/elements',
  'lit',
  'lit-html',
  'lit-element',
  '@lit/reactive-element',
  'd3-array',
  'd3-dispatch',
  'd3-drag',
  'd3-ease',
  'd3-selection',
  'd3-timer',
  'd3-transition',
  'd3-zoom',
  'd3-scale',
  'd3-shape',
  'd3-color',
  'd3-format',
  'd3-interpolate',
  'd3-path',
  'd3-time',
  'd3-time-format',
  'internmap',
];

function json(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function wantedTargets() {
  const given = process.argv.flatMap((argument, at, all) => (all[at - 1] === '--target' ? [argument] : []));
  const wanted = process.argv.includes('--all')
    ? targets
    : given.length > 0
      ? given
      : [`${process.platform}-${process.arch}`];
  const unknown = wanted.find((target) => !targets.includes(target));
  if (unknown) throw new Error(`--target ${unknown}: there are no binaries for it. Known: ${targets.join(', ')}.`);
  return wanted;
}

/** sharp's binary packages for a target: those installed here, or fetched into a temporary folder. */
function sharpBinaries(target, temporary) {
  const names = Object.keys(json(path.join(modules, 'sharp/package.json')).optionalDependencies);
  const own = names.filter((name) => name.endsWith(`-${target}`));
  if (own.every((name) => existsSync(path.join(modules, name)))) return own.map((name) => path.join(modules, name));
  const [os, cpu] = target.split('-');
  const { version } = json(path.join(modules, 'sharp/package.json'));
  writeFileSync(path.join(temporary, 'package.json'), '{}');
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `--os=${os}`, `--cpu=${cpu}`];
  if (os === 'linux') flags.push('--libc=glibc');
  execFileSync('npm', ['install', ...flags, `sharp@${version}`], {
    cwd: temporary,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return own.map((name) => path.join(temporary, 'node_modules', name));
}

/** Copies what runs: no types, sources, maps or install scripts; what onnxruntime's says of its CUDA libraries is read at run time. */
function copyModule(from, to, keep = () => true) {
  const needless =
    /\.(d\.[cm]?ts|map|ts)$|[\\/](install|src|docs|test)$|[\\/]script[\\/](?!install-metadata)|README\.md$/;
  cpSync(from, to, {
    recursive: true,
    dereference: true,
    filter: (file) => !needless.test(path.relative(from, file) && `/${path.relative(from, file)}`) && keep(file),
  });
}

/** The editor shows a packaged README without the files beside it. */
function withoutPictures(stage) {
  const documents = ['README.md', ...readdirSync(path.join(stage, 'docs')).map((name) => path.join('docs', name))];
  for (const name of documents) {
    const file = path.join(stage, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/^!\[[^\]]*\]\((\.\.\/)?media\/.*\)\n+/gm, ''));
  }
  rmSync(path.join(stage, 'media/readme'), { recursive: true, force: true });
}

async function packageFor(target) {
  const temporary = mkdtempSync(path.join(tmpdir(), 'nferd-package-'));
  try {
    const stage = path.join(temporary, 'stage');
    const native = path.join(stage, 'dist/node_modules');
    mkdirSync(native, { recursive: true });
    for (const name of [
      'dist',
      'models',
      'media',
      'LICENSE',
      'NOTICE',
      'README.md',
      'CHANGELOG.md',
      'docs',
      ...readdirSync(root).filter((name) => /^package\.nls\..*json$/.test(name)),
      'l10n',
    ]) {
      const from = path.join(root, name);
      const filter = (file) => !file.endsWith('.map');
      if (existsSync(from)) cpSync(from, path.join(stage, name), { recursive: true, filter });
    }
    mkdirSync(path.join(stage, 'l10n'), { recursive: true });
    writeFileSync(path.join(stage, 'l10n/bundle.l10n.json'), JSON.stringify(bundle(), undefined, 2));
    withoutPictures(stage);
    const [os, cpu] = target.split('-');
    const binaries = path.join(modules, 'onnxruntime-node/bin/napi-v6');
    const wanted = path.join(binaries, os, cpu);
    // macOS asks for libonnxruntime.1.dylib (its install name); the package has the same file under its full version as well.
    const double = /libonnxruntime\.\d+\.\d+\.\d+\.dylib$/;
    const ofTarget = (file) =>
      !file.startsWith(binaries) || wanted.startsWith(file) || (file.startsWith(wanted) && !double.test(file));
    copyModule(path.join(modules, 'onnxruntime-node'), path.join(native, 'onnxruntime-node'), ofTarget);
    // Its binaries for every platform lie in the one package; only this platform's is taken, for glibc as onnxruntime's are.
    const sqlite = path.join(modules, '@photostructure/sqlite');
    const ofSqlite = /^(dist|dist[\\/]index\.[cm]js|package\.json|LICENSE|)$/;
    const itsBinary = path.join(sqlite, 'prebuilds', target, '@photostructure+sqlite.glibc.node');
    copyModule(
      sqlite,
      path.join(native, '@photostructure/sqlite'),
      (file) => ofSqlite.test(path.relative(sqlite, file)) || itsBinary.startsWith(file),
    );
    const jpegTurbo = path.join(modules, '@julusian/jpeg-turbo');
    const ofJpegTurbo = /^(index\.js|binding-options\.js|package\.json|LICENSE|)$/;
    const itsFolder = path.join(jpegTurbo, 'prebuilds', `jpeg-turbo-${target}`);
    copyModule(
      jpegTurbo,
      path.join(native, '@julusian/jpeg-turbo'),
      (file) =>
        ofJpegTurbo.test(path.relative(jpegTurbo, file)) ||
        itsFolder.startsWith(file) ||
        file.startsWith(itsFolder + path.sep),
    );
    const prebuilds = path.join(modules, 'pkg-prebuilds');
    copyModule(prebuilds, path.join(native, 'pkg-prebuilds'), (file) => !/[\\/]bin$/.test(file));
    const pure = ['onnxruntime-common', 'node-gyp-build', 'sharp', '@img/colour', 'detect-libc', 'semver'].map((name) =>
      path.join(modules, name),
    );
    const carried = [...pure, ...sharpBinaries(target, temporary)];
    for (const from of carried) {
      const scope = path.basename(path.dirname(from)) === '@img' ? '@img' : '';
      copyModule(from, path.join(native, scope, path.basename(from)));
    }
    const all = [
      path.join(modules, 'onnxruntime-node'),
      sqlite,
      jpegTurbo,
      prebuilds,
      ...carried,
      ...bundled.map((name) => path.join(modules, name)),
    ];
    const silent = Object.keys(manifest.dependencies).filter((name) => !all.includes(path.join(modules, name)));
    if (silent.length > 0)
      throw new Error(`${silent.join(', ')}: no licence notice. Add to "bundled" what is bundled.`);
    writeFileSync(path.join(stage, 'THIRD-PARTY-NOTICES.txt'), notices(all));
    const forDevelopers = new Set(['scripts', 'devDependencies', 'dependencies', 'private', 'bin']);
    const shipped = Object.fromEntries(Object.entries(manifest).filter(([key]) => !forDevelopers.has(key)));
    const engines = { vscode: manifest.engines.vscode };
    writeFileSync(path.join(stage, 'package.json'), JSON.stringify({ ...shipped, engines }, undefined, 2));
    const packagePath = path.join(root, 'out', `${manifest.name}-${target}-${manifest.version}.vsix`);
    mkdirSync(path.dirname(packagePath), { recursive: true });
    const options = {
      dependencies: false,
      rewriteRelativeLinks: true,
      skipLicense: false,
      preRelease: process.argv.includes('--pre-release'),
    };
    await createVSIX({ cwd: stage, target, packagePath, ...options });
    return packagePath;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

for (const bundle of [
  'extension.cjs',
  'worker.mjs',
  'metricsThread.mjs',
  'sessionThread.mjs',
  'bankThread.mjs',
  'webview/anomalyView.js',
]) {
  if (!existsSync(path.join(root, 'dist', bundle)))
    throw new Error(`dist/${bundle} is missing. Run "npm run build" first.`);
}
const rows = [];
for (const target of wantedTargets()) {
  const file = await packageFor(target);
  const entries = entriesOf(file);
  const faults = faultsOf(entries, target);
  if (faults.length > 0) {
    rmSync(file);
    throw new Error(`${file} would not work, and is removed:\n  ${faults.join('\n  ')}`);
  }
  const megabytes = (pattern) =>
    entries.reduce((sum, { name, packedBytes }) => sum + (pattern.test(name) ? packedBytes : 0), 0) / 2 ** 20;
  const parts = [/onnxruntime-/, /\/(@img|sharp)\//, /\/models\//].map((pattern) => megabytes(pattern).toFixed(1));
  const size = (statSync(file).size / 2 ** 20).toFixed(1);
  rows.push([target, size, ...parts]);
  console.log(`${path.relative(root, file)}  ${size} MB`);
}
if (process.argv.includes('--report')) report(rows);

/** Writes bench/results/package.md. */
function report(rows) {
  const head = ['target', 'MB', 'onnxruntime', 'sharp and libvips', 'teacher'];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const text = `Sizes of the packaged extension, and of its largest parts as they are packed. Each package holds the native binaries of its own
platform and of no other: the script reads every binary's header and refuses the package otherwise.

${lines.join('\n')}

NFERD ${manifest.version}; \`npm run bench:package\`
`;
  writeFileSync(path.join(root, 'bench/results/package.md'), text);
}
