// Publishes the packages in out/: one for each platform, all of this version, or none.
//   node scripts/release/publish.mjs --to marketplace            token: VSCE_PAT
//   node scripts/release/publish.mjs --to open-vsx               token: OVSX_PAT
//   … --pre-release                  packages made by "npm run package -- --all --pre-release"
//   … --dry-run                                                   looks at everything and says what it would run
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { targets } from '../targets.mjs';
import { packagesIn } from './packages.mjs';

/**
 * Both read their token from the environment, and leave out what is published already, so that a
 * second try goes on. ovsx is fetched when it is needed, for it is needed for nothing else; 0.10 is
 * the newest that runs on Node 20.
 */
const registries = {
  marketplace: { program: ['vsce'], token: 'VSCE_PAT' },
  'open-vsx': { program: ['--yes', 'ovsx@0.10'], token: 'OVSX_PAT' },
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
  const options = ['--skip-duplicate', ...(preRelease ? ['--pre-release'] : [])];
  const args = [
    ...registry.program,
    'publish',
    ...options,
    '--packagePath',
    ...files.map((file) => path.relative(root, file)),
  ];
  console.log(['npx', ...args].join(' '));
  if (given['dry-run']) return 0;
  if (!process.env[registry.token]) throw new Error(`${registry.token}: not set. It is the token of ${given.to}.`);
  const { status, error } = spawnSync('npx', args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  return status ?? 1;
}

try {
  process.exitCode = publish();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
