import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { drawPlates, workplace } from './workplace.ts';

const place = workplace();
after(place.remove);

test('labels go out and come in by the command line', async () => {
  const folder = await drawPlates(place.at);
  cpSync(folder, place.at('copy'), { recursive: true });
  writeFileSync(place.at('labels.csv'), 'image,label,defectType\ntest/good/0.png,anomalous,stain\n');
  const into = await place.nferd(['label', folder, '--import', 'csv', place.at('labels.csv')]);
  assert.equal(into.code, 0);
  assert.match(into.out, /^labels of 1 image, 0 masks, imported from .*labels\.csv$/);
  const out = await place.nferd(['label', folder, '--export', 'coco', place.at('labels.json')]);
  assert.match(out.out, /^labels of 12 images, 2 masks, exported to .*labels\.json$/);
  assert.equal((await place.nferd(['label', place.at('copy'), '--import', 'coco', place.at('labels.json')])).code, 0);
  const labels = readFileSync(place.at('copy/.nferd/labels.jsonl'), 'utf8');
  assert.match(labels, /^\{"image":"test\/good\/0\.png","label":"anomalous","defectType":"stain","at":"[^"]+"\}\n$/);
});

test('rows came in and nothing was taken: the exit code tells', async () => {
  writeFileSync(place.at('others.csv'), 'image,label\nnowhere.png,bad\n');
  const { code, out, err } = await place.nferd(['label', place.at('plate'), '--import', 'csv', place.at('others.csv')]);
  assert.equal(code, 2);
  assert.match(out, /^labels of 0 images/);
  assert.match(err.join('\n'), /nowhere\.png: is no image of/);
});

const faults: [string, string[], RegExp][] = [
  ['nothing to do', [], /nothing to do\. Give --import/],
  ['an unknown format', ['--export', 'yolo', 'x'], /"yolo" is no format\. Choose of mvtec, coco, csv, fiftyone\./],
  ['a format without a path', ['--import', 'coco'], /give the format and one path/],
  ['a file that is missing', ['--import', 'coco', place.at('no.json')], /no\.json: does not exist/],
];
for (const [what, args, message] of faults)
  test(`${what} is told in one line`, async () => {
    const { code, err } = await place.nferd(['label', place.at('plate'), ...args]);
    assert.equal(code, 2);
    assert.equal(err.length, 1);
    assert.match(err[0]!, message);
  });
