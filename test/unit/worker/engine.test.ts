import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import type { Call } from '../../../src/protocol/rpc.ts';
import { UserError } from '../../../src/services/ports/errors.ts';
import { createEngine } from '../../../src/worker/engine.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const images = path.join(root, 'test/fixtures/images');
const engine = createEngine(path.join(root, 'models'), () => undefined);
const call: Call = { signal: new AbortController().signal, progress: () => undefined };

test('a picture that a webview cannot show comes as PNG, scaled down where it is large', async () => {
  for (const [maxSide, fits] of [
    [8, true],
    [8192, false],
  ] as const) {
    const png = await engine.picture({ image: path.join(images, 'rgb.tif'), maxSide }, call);
    const { format, width, height } = await sharp(png).metadata();
    assert.equal(format, 'png');
    assert.equal(Math.max(width, height) === maxSide, fits);
  }
});

test('the doctor reports as Markdown', async () => {
  const report = await engine.doctor(undefined, call);
  assert.match(
    report,
    /^## Versions\n- onnxruntime-node \d[^]*\n- cpu +works\n[^]*efficientnet-lite0 on cpu: loads in/,
  );
});

const faults: [string, () => unknown, RegExp][] = [
  ['a folder without a detector', () => engine.describe(images, call), /images: not a detector/],
  [
    'an image by a detector that is gone',
    () => engine.detect({ image: path.join(images, 'rgb.png'), detector: '/nowhere' }, call),
    /\/nowhere: not a detector/,
  ],
  [
    'a training on a folder without images',
    () => engine.train({ folder: path.join(root, 'src'), out: path.join(root, 'out', 'none'), mode: 'instant' }, call),
    /src: none of its \d+ files is an image\. Choose/,
  ],
  [
    'a training that would replace what is no detector',
    () => engine.train({ folder: images, out: path.join(root, 'models'), mode: 'instant' }, call),
    /models: exists and is not a detector, so it is not replaced/,
  ],
  [
    'a picture that is missing',
    () => engine.picture({ image: '/nowhere.png', maxSide: 8 }, call),
    /nowhere\.png: does not exist/,
  ],
];
for (const [what, run, message] of faults) {
  test(`${what} is refused in one line for the user`, async () => {
    await assert.rejects(
      async () => run(),
      (error) => error instanceof UserError && message.test(error.message) && !error.message.includes('\n'),
    );
  });
}
