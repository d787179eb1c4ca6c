import './useFakeVscode.ts';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { editor, Uri } from './fakeVscode.ts';

const { Settings } = await import('../../../src/extension/features/settings/settings.ts');
const { Thresholds } = await import('../../../src/extension/features/thresholds/thresholds.ts');

const image = Uri.file('/w/a.png') as never;
const detector = {
  thresholds: { image: 1, pixel: 2, falseAlarmRate: 0.05, promised: true },
  calibrationScores: [1],
  calibrationPeaks: [2],
};
const later = () => new Promise((resolve) => setTimeout(resolve, 20));
const shown = () => editor.log.splice(0).join('\n');

beforeEach(() => {
  editor.reset();
  editor.folders = [{ uri: Uri.file('/w'), name: 'w' }];
});

test('those that count are the settings of the folder, else as calibrated; only their settings change them', () => {
  const thresholds = new Thresholds(new Settings());
  let changes = 0;
  thresholds.onDidChange(() => changes++);
  editor.set('nferd.viewer.opacity', 0.5);
  editor.set('nferd.executionProvider', 'cpu');
  assert.equal(changes, 0);
  editor.set('nferd.threshold.image', 3, '/w');
  assert.equal(changes, 1);
  const { image: ofImage, pixel } = thresholds.of(detector, image);
  assert.deepEqual(
    [ofImage, pixel],
    [
      { value: 3, origin: 'settings' },
      { value: 2, origin: 'calibrated' },
    ],
  );
  assert.equal(thresholds.of(detector, Uri.file('/elsewhere/a.png') as never).image.value, 1);
});

test('a threshold is saved where the user wants it; null removes it', async () => {
  const thresholds = new Thresholds(new Settings());
  editor.answers = ['User settings', 'Workspace folder settings', 'Workspace folder settings'];
  const undo = await thresholds.save(image, { image: 2 });
  assert.deepEqual(
    [editor.setting('nferd.threshold.image'), editor.setting('nferd.threshold.image', '/w')],
    [2, undefined],
  );
  await thresholds.save(image, { image: 3 });
  assert.equal(thresholds.settings(image).image, 3);
  await thresholds.save(image, { image: null });
  assert.equal(thresholds.settings(image).image, 2);
  assert.equal(await thresholds.save(image, { image: 4 }), undefined, 'thought better of it');
  await undo!();
  assert.equal(thresholds.settings(image).image, null);
});

test('what a narrower setting overrides is told', async () => {
  const thresholds = new Thresholds(new Settings());
  editor.set('nferd.threshold.image', 1, '/w');
  editor.answers = ['User settings', 'Open settings'];
  await thresholds.save(image, { image: 2 });
  await later();
  assert.match(
    shown(),
    /overrides it\. \[Open settings\]\nrun: workbench\.action\.openSettings nferd\.threshold\.image$/,
  );
});
