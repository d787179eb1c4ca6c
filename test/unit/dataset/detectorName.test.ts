import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectorName } from '../../../src/dataset/detectorName.ts';

const names: [string, 'instant' | 'distilled', string][] = [
  ['/data/screw/train/good', 'instant', 'screw'],
  ['/data/screw/train/good/', 'distilled', 'screw-distilled'],
  ['/data/My parts (2024)', 'instant', 'My-parts-2024'],
  ['C:\\Teile\\Größe 3\\ok', 'instant', 'Größe-3'],
  ['/good', 'instant', 'good'],
  ['/..../train', 'instant', 'detector'],
  ['/', 'instant', 'detector'],
  ['/d/screw', 'instant', 'screw'],
  ['/d/screw/', 'instant', 'screw'],
  ['/d/bolts/images', 'instant', 'bolts'],
  ['/d/screw/photos', 'instant', 'screw'],
];
for (const [folder, mode, expected] of names) {
  test(`the detector of ${folder} (${mode}) is called ${expected}`, () => {
    assert.equal(detectorName(folder, mode), expected);
  });
}
