import './useFakeVscode.ts';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { extensionManifest } from '../../../scripts/manifest.ts';
import { editor, Uri } from './fakeVscode.ts';

const { Settings } = await import('../../../src/extension/features/settings/settings.ts');

const image = Uri.file('/w/a.png') as never;
const later = () => new Promise((resolve) => setTimeout(resolve, 20));
const shown = () => editor.log.splice(0).join('\n');

beforeEach(() => {
  editor.reset();
  editor.folders = [{ uri: Uri.file('/w'), name: 'w' }];
});

test('a refused value is shown once for as long as it is refused', async () => {
  const settings = new Settings();
  editor.set('nferd.threshold.image', 'high');
  await later();
  assert.match(
    shown(),
    /^warning: nferd\.threshold\.image: must be .*, not "high"; the calibrated value is used\. \[Open settings\]$/,
  );
  settings.read(image);
  editor.set('nferd.viewer.opacity', 0.5);
  await later();
  assert.equal(shown(), '', 'said already');
  editor.set('nferd.threshold.image', 1);
  editor.set('nferd.threshold.image', 'high');
  await later();
  assert.match(shown(), /not "high"/, 'wrong again');
});

test('what names files or decides what is loaded is not taken from an untrusted workspace', () => {
  const { untrustedWorkspaces } = extensionManifest().fields.capabilities;
  assert.equal(untrustedWorkspaces.supported, 'limited');
  const properties = extensionManifest().fields.contributes as { configuration: { properties: object }[] };
  const ids = properties.configuration.flatMap((group) => Object.keys(group.properties));
  const harmless = /^nferd\.(threshold|rules|viewer)\./;
  const wanted = ids.filter((id) => !harmless.test(id)).sort();
  assert.deepEqual([...untrustedWorkspaces.restrictedConfigurations].sort(), wanted);
});
