import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../../../scripts/docs/documents.ts';

const { targets } = (await import(new URL('../../../scripts/targets.mjs', import.meta.url).href)) as {
  targets: string[];
};
const modules = path.join(root, 'node_modules');
const folders = (name: string) => readdirSync(path.join(modules, name));

/**
 * VS Code's names of platforms, as each package with native binaries spells them; Alpine's C
 * library is musl.
 */
const platforms = ['linux', 'darwin', 'win32', 'alpine'].flatMap((os) =>
  ['x64', 'arm64'].map((cpu) => [os, cpu] as const),
);
const sharp = JSON.parse(readFileSync(path.join(modules, 'sharp/package.json'), 'utf8')) as {
  optionalDependencies: Record<string, string>;
};
const [onnxruntime] = folders('onnxruntime-node/bin');

const hasBinaries: Readonly<Record<string, (os: string, cpu: string) => boolean>> = {
  // For Linux with glibc alone.
  'onnxruntime-node': (os, cpu) => existsSync(path.join(modules, 'onnxruntime-node/bin', onnxruntime!, os, cpu)),
  sharp: (os, cpu) => `@img/sharp-${os === 'alpine' ? 'linuxmusl' : os}-${cpu}` in sharp.optionalDependencies,
  '@julusian/jpeg-turbo': (os, cpu) =>
    folders('@julusian/jpeg-turbo/prebuilds').includes(
      `jpeg-turbo-${os === 'alpine' ? `linux-${cpu}-musl` : `${os}-${cpu}`}`,
    ),
  '@photostructure/sqlite': (os, cpu) => {
    const folder = `@photostructure/sqlite/prebuilds/${os === 'alpine' ? 'linux' : os}-${cpu}`;
    const libc = os === 'alpine' ? 'musl' : 'glibc';
    return existsSync(path.join(modules, folder)) && folders(folder).some((file) => file.includes(libc));
  },
};

test('there is a package for every platform that all native dependencies have binaries for, and for no other', () => {
  const possible = platforms.filter(([os, cpu]) => Object.values(hasBinaries).every((has) => has(os, cpu)));
  assert.deepEqual(possible.map((platform) => platform.join('-')).sort(), targets.toSorted());
});

test('docs/dependencies.md says so of each', () => {
  const rows = readFileSync(path.join(root, 'docs/dependencies.md'), 'utf8').split('\n');
  for (const [os, cpu] of platforms) {
    const row = rows.find((line) => line.startsWith('|') && line.split('|')[1]!.includes(`${os}-${cpu}`));
    const said = row
      ?.split('|')
      .slice(2, 6)
      .map((cell) => cell.trim() === 'yes');
    assert.deepEqual(
      said,
      Object.values(hasBinaries).map((has) => has(os, cpu)),
      `${os}-${cpu}`,
    );
  }
});

test('docs/dependencies.md has a reason for every package', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const table = readFileSync(path.join(root, 'docs/dependencies.md'), 'utf8').split('\n');
  const named = table.flatMap((line) => (line.startsWith('| ') ? line.split('|')[1]!.split(',') : []));
  const known = new Set(named.map((name) => name.trim()));
  const unexplained = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !known.has(name) && !name.startsWith('@types/'),
  );
  assert.deepEqual(unexplained, []);
});
