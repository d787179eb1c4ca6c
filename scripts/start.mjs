// `npm start`: from a fresh clone to a trained detector and its pictures. Plain Node: nothing is
// installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
const began = performance.now();
const seconds = () => ((performance.now() - began) / 1000).toFixed(0).padStart(3);
const say = (text) => console.log(`\n[${seconds()} s] ${text}`);

/**
 * Runs a program in the foreground.
 * @returns its exit code, if it is one of `good`; ends this one otherwise
 */
function run(program, args, good = [0]) {
  const shell = program === 'npm' && process.platform === 'win32';
  const { status, error, signal } = spawnSync(program, args, { stdio: 'inherit', shell });
  if (good.includes(status)) return status;
  const why = error?.message ?? (signal ? `stopped by ${signal}` : `exit code ${status}`);
  console.error(`npm start: "${path.basename(program)} ${args.join(' ')}" failed (${why}).`);
  process.exit(status || 1);
}

const node = (...args) => run(process.execPath, args);
const nferd = (good, ...args) => run(process.execPath, ['dist/cli.mjs', ...args], good);

if (!existsSync('node_modules/sharp') || !existsSync('node_modules/onnxruntime-node')) {
  say('Installing the packages (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline']);
}
say('Building');
node('esbuild.mjs');

if (!existsSync('demo/flange/train')) {
  say('Drawing the demo set: steel flanges, some of them with a dent, a scratch or a stain');
  node('--import', 'tsx', 'scripts/demo/makeDemo.ts', 'demo');
}

const train = ['train', 'demo/flange', '--out', 'demo/flange.nferd'];
say(`nferd ${train.join(' ')}`);
nferd([0], ...train);

const images = ['demo/flange/test/scratch/003.jpg', 'demo/flange/test/good/003.jpg'];
const detect = ['detect', ...images, '--model', 'demo/flange.nferd', '--out', 'demo/results'];
say(`nferd ${detect.join(' ')}`);
nferd([0, 1], ...detect);

say('Done. The pictures, with what looks anomalous in colour:');
console.log(`  ${path.join(root, 'demo/results/scratch-003.heatmap.png')}`);
console.log(`  ${path.join(root, 'demo/results/good-003.heatmap.png')}`);
console.log('Beside each: the raw anomaly map (.map.npy), and score, hottest spot and nearest normal patches (.json).');
console.log('Next: npx nferd evaluate demo/flange --model demo/flange.nferd');
console.log(
  '      npx nferd train demo/flange --out demo/flange.nferd --mode distilled   (a student with attention, minutes)',
);
