// Publishes the packages in out/: one for each platform, all of this version, or none.
//   node scripts/release/publish.mjs --to marketplace            token: VSCE_PAT
//   node scripts/release/publish.mjs --to open-vsx               token: OVSX_PAT
//   … --pre-release                                               packages made by "npm run package -- --all --pre-release"
//   … --dry-run                                                   looks at everything and says what it would run
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { targets } from '../targets.mjs';
import { packagesIn } from './packages.mjs';

/** Both read their token from the environment, and leave out what is published already, so that a second try goes on. */
const registries = {
  marketplace: { program: 'vsce', token: 'VSCE_PAT' },
  'open-vsx': { program: 'ovsx', token: 'OVSX_PAT' },
};
const root = path.resolve(import.meta.dirname, '../..');
const { values: given } = parseArgs({
  options: {
    to: { type: 'string', default: '' },
    'pre-release': { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
  },
});

function publish() {
  const registry = Object.hasOwn(registries, given.to) ? registries[given.to] : undefined;
  if (!registry) throw new Error(`--to "${given.to}": choose of ${Object.keys(registries).join(', ')}.`);
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const preRelease = given['pre-release'];
  const files = packagesIn(path.join(root, 'out'), manifest, { targets, preRelease });
  const program = path.join(root, 'node_modules/.bin', registry.program);
  const args = ['publish', '--skip-duplicate', ...(preRelease ? ['--pre-release'] : []), '--packagePath', ...files];
  console.log([registry.program, ...args.map((each) => path.relative(root, each) || each)].join(' '));
  if (given['dry-run']) return 0;
  if (!process.env[registry.token]) throw new Error(`${registry.token}: not set. It is the token of ${given.to}.`);
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (error) throw error;
  return status ?? 1;
}

try {
  process.exitCode = publish();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
