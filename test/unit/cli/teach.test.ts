import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { DetectorRecord } from '../../../src/services/detect/detectorStore.ts';
import { drawPlate, drawPlates, workplace } from './workplace.ts';

const { at, nferd, remove } = workplace();
const compute = ['--threads', '1', '--provider', 'cpu'];
const model = at('plate.nferd');
const odd = at('odd.png');
let plate = '';
before(async () => {
  plate = await drawPlates(at);
  await drawPlate(odd, 300, true);
  await nferd(['train', plate, '--out', model, '--size', '128', ...compute]);
});
after(remove);

const teach = (out: string, ...more: readonly string[]) =>
  nferd(['teach', odd, '--model', model, '--out', at(out), ...compute, ...more]);
const recordOf = (folder: string) => JSON.parse(readFileSync(`${folder}/detector.json`, 'utf8')) as DetectorRecord;
const scores = (out: string) => {
  const [, was, is] = /odd\.png {2}(\S+) \(anomalous\) → (\S+) \(/.exec(out) ?? [];
  return { was: Number(was), is: Number(is) };
};

test('an image is taught as normal, and what that changes is printed', async () => {
  const { code, out, err } = await teach('image.nferd', '--labels', plate);
  assert.deepEqual({ code, err }, { code: 0, err: [] });
  const { was, is } = scores(out);
  assert.ok(is < 0.5 * was, out);
  assert.match(out, /^ {2}bank entries +\d+ more$/m);
  assert.match(out, /^ {2}image threshold +[\d.]+ → [\d.]+$/m);
  assert.match(out, /^ {2}false alarms +\d → \d of 2 normal images$/m);
  assert.match(out, /^ {2}misses +0 → \d of 2 anomalous images$/m);
  assert.match(out, /^ {2}in all +.*, on 4 labelled images$/m);
  assert.match(out, /^ {2}verdicts +\d of 12 images become anomalous, \d become normal$/m);
  const [old, made] = [recordOf(model), recordOf(at('image.nferd'))];
  assert.deepEqual([old.name, old.taught, made.name], ['plate', undefined, 'image']);
  assert.deepEqual(made.taught, [{ version: old.model.sha256.slice(0, 12), places: 1 }]);
});

test('of a region only what the mask marks is taught', async () => {
  const mask = `${plate}/ground_truth/dot/0_mask.png`;
  const { code, out } = await teach('region.nferd', '--region', mask);
  assert.equal(code, 0);
  const { was, is } = scores(out);
  assert.ok(is < 0.7 * was, out);
  const entries = (folder: string) => recordOf(folder).provenance.reduce((sum, values) => sum + values.length, 0);
  assert.ok(entries(at('region.nferd')) < entries(at('image.nferd')));
});

test('--json: the same as figures', async () => {
  const { code, out } = await teach('json.nferd', '--labels', plate, '--json');
  assert.equal(code, 0);
  const { images, threshold, addedEntries, labelled, notes, ...rest } = JSON.parse(out) as {
    images: { image: string; score: { before: number; after: number } }[];
    threshold: { before: number; after: number };
    addedEntries: number;
    labelled: { folder: string; judged: number; before: { misses: number } };
    notes: unknown[];
  };
  assert.deepEqual(rest, { model: at('json.nferd') });
  assert.equal(images[0]!.image, odd);
  assert.ok(images[0]!.score.before > threshold.before && images[0]!.score.after < 0.5 * images[0]!.score.before);
  assert.ok(addedEntries > 0);
  assert.deepEqual([labelled.folder, labelled.judged, labelled.before.misses, notes], [plate, 12, 0, []]);
});

const faults: [string, () => string[], RegExp][] = [
  ['the detector itself as --out', () => [odd, '--out', model], /plate\.nferd: is the detector that is taught/],
  ['a region of two images', () => [odd, odd, '--out', at('x'), '--region', odd], /--region is for one image, and 2/],
  ['a mask that is missing', () => [odd, '--out', at('x'), '--region', at('no.png')], /no\.png: does not exist/],
  ['an image that is missing', () => [at('no.png'), '--out', at('x')], /no\.png: does not exist/],
  ['a folder that is no detector', () => [odd, '--out', plate], /plate: exists and is not a detector/],
  ['what is normal already', () => [`${plate}/train/good/0.png`, '--out', at('x')], /nothing there looks unusual/],
];
for (const [what, args, message] of faults)
  test(`${what} is told in one line`, async () => {
    const { code, err } = await nferd(['teach', '--model', model, ...compute, ...args()]);
    assert.equal(code, 2);
    assert.equal(err.length, 1);
    assert.match(err[0]!, message);
  });
