import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { drawPlate, drawPlates, workplace } from './workplace.ts';

const { at, nferd, files, remove } = workplace();
before(async () => {
  const plate = await drawPlates(at);
  const trained = await nferd(['train', plate, '--out', at('good.nferd'), '--size', '128', '--threads', '1']);
  assert.equal(trained.code, 0, trained.err.join('\n'));
  mkdirSync(at('empty'));
  for (let i = 0; i < 3; i++) await drawPlate(at(`three/${i}.png`), i);
  for (let i = 0; i < 6; i++) await drawPlate(at(`product/test/scratch/${i}.png`), i);
  for (let i = 0; i < 6; i++) await drawPlate(at(`split/${i}.png`), i);
  const image = readFileSync(at('plate/test/good/0.png'));
  writeFileSync(at('zero.png'), '');
  writeFileSync(at('truncated.png'), image.subarray(0, image.length / 2));
  writeFileSync(at('text.png'), 'just words\n');
  writeFileSync(at('split/6.png'), '');
  const broken = (name: string, change: (folder: string) => void): void => {
    cpSync(at('good.nferd'), at(name), { recursive: true });
    change(at(name));
  };
  broken('nomodel.nferd', (folder) => rmSync(path.join(folder, 'detector.onnx')));
  broken('damaged.nferd', (folder) => writeFileSync(path.join(folder, 'detector.onnx'), 'damaged'));
  broken('halfjson.nferd', (folder) => writeFileSync(path.join(folder, 'detector.json'), '{"format":'));
  broken('newer.nferd', (folder) => {
    const json = path.join(folder, 'detector.json');
    writeFileSync(json, readFileSync(json, 'utf8').replace(/"formatVersion":\d+/, '"formatVersion":99'));
  });
  copyFileSync(at('text.png'), at('model.onnx'));
});
after(remove);

/**
 * Command line (after `nferd`; a word with a leading `@` is a path in the temporary folder) → what
 * the one line says.
 */
const cases: readonly (readonly [string, RegExp])[] = [
  ['detect @zero.png --model @good.nferd', /zero\.png: .*empty/],
  ['detect @truncated.png --model @good.nferd', /truncated\.png: /],
  ['detect @text.png --model @good.nferd', /text\.png: /],
  ['detect @missing.png --model @good.nferd', /missing\.png: does not exist\. Check the path\./],
  ['detect @plate --model @good.nferd', /plate: is a folder\. Give a file\./],
  [
    'detect @plate/test/good/0.png --model @good.nferd --out @zero.png/x',
    /zero\.png.*: could not be written: a part of the path is a file\. Choose/,
  ],
  ['detect @plate/test/good/0.png --model @none.nferd', /none\.nferd: not a detector .*Choose a folder made by/],
  ['detect @plate/test/good/0.png --model @nomodel.nferd', /nomodel\.nferd\/detector\.onnx: missing\. Train/],
  ['detect @plate/test/good/0.png --model @damaged.nferd', /damaged\.nferd\/detector\.onnx: damaged .*Train/],
  ['detect @plate/test/good/0.png --model @halfjson.nferd', /halfjson\.nferd\/detector\.json: damaged .*Train/],
  ['detect @plate/test/good/0.png --model @newer.nferd', /newer\.nferd\/detector\.json: format 99, .*Update NFERD/],
  ['detect @plate/test/good/0.png --model @good.nferd --threshold high', /--threshold.*must be a number/],
  ['detect @plate/test/good/0.png', /--model/],
  ['train @empty --out @new', /empty: the folder is empty\. Choose/],
  ['train @missing --out @new', /missing: does not exist\. Check the path\./],
  ['train @zero.png --out @new', /zero\.png: is a file\. Give a folder\./],
  ['train @three --out @new', /three: 3 normal images; at least 5 are needed.*Add normal images\./],
  [
    'train @product/test/scratch --out @new',
    /scratch: looks like defect images .*Choose the folder with normal images/,
  ],
  ['train @plate --out @zero.png/new', /zero\.png\/new: could not be written: a part of the path is a file\. Choose/],
  ['train @plate --out @three', /three: exists and is not a detector.*Choose another folder/],
  ['train @plate --out @new --size 100', /size 100 .*multiples of 32/],
  ['train @plate --out @new --seed one', /--seed.*must be a whole number/],
  ['train @plate --out @new --false-alarm-rate 5', /--false-alarm-rate.*between 0 and 1/],
  ['train @plate --out @new --mode instant --steps 5', /--steps and --fusion are for --mode distilled/],
  ['train @plate --out @new --teacher nobody', /teacher "nobody" is not installed\. Available: efficientnet-lite0\./],
  ['evaluate @empty --model @good.nferd', /empty: the folder is empty\. Choose/],
  ['evaluate @three --model @good.nferd', /three: no labelled test images.*Lay them out/],
  ['evaluate @plate --model @good.nferd --csv @zero.png/scores.csv', /zero\.png\/scores\.csv: could not be written/],
  ['teacher add nobody', /teacher "nobody" can't be added by name\. Known: /],
  ['teacher import @model.onnx', /model\.onnx: /],
  ['bogus', /unknown command 'bogus'/],
];

for (const [line, says] of cases) {
  test(line, async () => {
    const before = files();
    const args = line.split(' ').map((word) => (word.startsWith('@') ? at(word.slice(1)) : word));
    const { code, err } = await nferd(args);
    assert.equal(code, 2, err.join('\n'));
    assert.match(err.at(-1)!, says);
    assert.deepEqual([err.length, err[0]!.slice(0, 7)], [1, 'nferd: ']);
    assert.doesNotMatch(err.join('\n'), /unexpected/);
    assert.deepEqual(files(), before, 'nothing is left behind');
  });
}

test(
  'an unreadable image among enough normal ones: the rest is learned from, the failure is listed, ' + 'exit code 0',
  async () => {
    const { code, err } = await nferd(['train', at('split'), '--out', at('split.nferd'), '--size', '128']);
    assert.equal(code, 0);
    assert.match(err.join('\n'), /^nferd: unreadable, left out \(1\):\n {2}.*6\.png: /m);
    assert.ok(files().includes('split.nferd/detector.json'));
  },
);

test('where fewer than half of the images could be read, the detector is made but the exit code tells', async () => {
  for (let i = 0; i < 5; i++) await drawPlate(at(`few/${i}.png`), i);
  for (let i = 5; i < 11; i++) writeFileSync(at(`few/${i}.png`), '');
  const { code, err } = await nferd(['train', at('few'), '--out', at('few.nferd'), '--size', '128']);
  assert.equal(code, 2);
  assert.match(err.join('\n'), /^nferd: unreadable, left out \(6\):/m);
  assert.ok(files().includes('few.nferd/detector.json'));
});
