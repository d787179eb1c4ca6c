import './useFakeVscode.ts';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import type { Detections } from '../../../src/extension/features/detect/detections.ts';
import type { Train } from '../../../src/extension/features/train/train.ts';
import type { Detection } from '../../../src/protocol/engine.ts';
import { RpcError } from '../../../src/protocol/rpc.ts';
import { editor, EventEmitter, Uri } from './fakeVscode.ts';

const { chosenImages } = await import('../../../src/extension/activeImage.ts');
const { Settings } = await import('../../../src/extension/features/settings/settings.ts');
const { Detectors } = await import('../../../src/extension/features/detectors/detectors.ts');
const { Thresholds } = await import('../../../src/extension/features/thresholds/thresholds.ts');
const { Detect } = await import('../../../src/extension/features/detect/detect.ts');
const { StatusBar } = await import('../../../src/extension/features/statusBar/statusBar.ts');

const root = await mkdtemp(path.join(tmpdir(), 'nferd-commands-'));
after(() => rm(root, { recursive: true, force: true }));
const image = (name: string) => path.join(root, name);
const shown = () => editor.log.join('\n');

beforeEach(async () => {
  editor.reset();
  editor.folders = [{ uri: Uri.file(root), name: 'root' }];
  await mkdir(path.join(root, '.nferd/detectors/flange'), { recursive: true });
  await writeFile(path.join(root, '.nferd/detectors/flange/detector.json'), '{}');
});

const cases: [string, unknown[], string[]][] = [
  ['those selected', [Uri.file('/a.png'), [Uri.file('/a.png'), Uri.file('/b.JPG')]], ['/a.png', '/b.JPG']],
  ['that clicked', [Uri.file('/a.png')], ['/a.png']],
  [
    'no folder and no text among them',
    [Uri.file('/a'), [Uri.file('/a'), Uri.file('/b.txt'), Uri.file('/c.tif')]],
    ['/c.tif'],
  ],
  ['none of a commit', [new Uri('git', '/a.png')], ['/open.webp']],
  ['the open one', [], ['/open.webp']],
  ['those selected in the Explorer, by a shortcut', ['explorer'], ['/x.bmp', '/y.png']],
];
for (const [name, given, expected] of cases) {
  test(`a command takes ${name}`, async () => {
    editor.openTab = Uri.file('/open.webp');
    editor.selectedPaths = '/x.bmp\n/y.png\n/folder';
    editor.clipboard = 'of the user';
    const images = await chosenImages(...(given as []));
    assert.deepEqual(
      images.map(({ fsPath }) => fsPath),
      expected,
    );
    assert.equal(editor.clipboard, 'of the user');
  });
}

const summary = {
  thresholds: { image: 1, pixel: 1, falseAlarmRate: 0.05, promised: true },
  calibrationScores: [1],
  calibrationPeaks: [1],
};
const scores: Readonly<Record<string, number>> = { 'a.png': 0.5, 'b.png': 3, 'c.png': 2 };
const detections = {
  async detect(file: string) {
    const score = scores[path.basename(file)];
    if (score === undefined) throw new RpcError('error', `${file}: is no image. Choose another.`, true);
    return { score, detector: summary } as unknown as Detection;
  },
} as unknown as Detections;
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const home = () => Uri.file(path.join(root, 'home')) as never;

function detect(train = {} as Train) {
  const settings = new Settings();
  return new Detect(new Detectors(settings, home()), detections, new Thresholds(settings), train, silent);
}

test('several images: how many are anomalous, the worst is open, what failed is told', async () => {
  const images = ['a.png', 'b.png', 'gone.png', 'c.png', 'lost.png'].map((name) => Uri.file(image(name)));
  await detect().run(images[0], images);
  assert.match(shown(), /error: .*gone\.png: is no image\. Choose another\. \(and 1 more\) \[Show engine log\]/);
  assert.match(shown(), /run: vscode\.openWith file:\/\/.*b\.png/);
  assert.match(shown(), /info: 2 of 3 images are anomalous/);
});

test('no detector yet: the offer to train, and nothing more where it is declined', async () => {
  await rm(path.join(root, '.nferd'), { recursive: true });
  let offered = 0;
  await detect({ offer: async () => void offered++ } as unknown as Train).run(Uri.file(image('a.png')));
  assert.equal(offered, 1);
  assert.doesNotMatch(shown(), /openWith/);
});

test('before trust the command ends with the way to it', async () => {
  editor.trusted = false;
  await assert.rejects(detect().run(Uri.file(image('a.png'))), (error: Error & { buttons: { title: string }[] }) => {
    assert.equal(error.buttons[0]!.title, 'Manage workspace trust');
    return /Trust the workspace first/.test(error.message);
  });
});

/** The status bar as soon as its text matches. */
async function statusBecomes(text: RegExp): Promise<typeof editor.statusBar> {
  for (let tries = 0; tries < 400 && !text.test(String(editor.statusBar['text'])); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.match(String(editor.statusBar['text']), text);
  return editor.statusBar;
}

test('the status bar tells every state, and a click does what helps', async () => {
  editor.trusted = false;
  const settings = new Settings();
  const detectors = new Detectors(settings, home());
  const detected = new EventEmitter<Detection>();
  const bar = new StatusBar(detectors, { onDidDetect: detected.event } as unknown as Detections, settings);
  bar.start();
  assert.equal((await statusBecomes(/untrusted\) NFERD: restricted$/))['command'], 'workbench.trust.manage');
  editor.trust();
  assert.equal((await statusBecomes(/fuzzy\) flange · auto/))['command'], 'nferd.selectDetector');
  const texts: string[] = [];
  Object.defineProperty(editor.statusBar, 'text', {
    configurable: true,
    get: () => texts.at(-1),
    set: (text) => texts.push(text),
  });
  bar.busy = true;
  bar.busy = false;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.deepEqual(texts, [], 'work of a moment does not show');
  bar.busy = true;
  await statusBecomes(/sync~spin\) flange/);
  bar.busy = false;
  detected.fire({ image: image('a.png'), executionProvider: 'cpu' } as Detection);
  await statusBecomes(/flange · cpu/);
  editor.set('nferd.executionProvider', 'webgpu');
  await statusBecomes(/flange · webgpu/);
  editor.set('nferd.detector', 'lost');
  const missing = await statusBecomes(/warning\) NFERD: detector missing/);
  assert.match(String(missing['tooltip']), /there is no detector "lost"/);
  assert.ok(missing['backgroundColor']);
  editor.set('nferd.detector', undefined);
  await rm(path.join(root, '.nferd'), { recursive: true });
  editor.set('nferd.detector', '');
  assert.equal((await statusBecomes(/NFERD: no detector$/))['command'], 'nferd.trainOnNormalImages');
  bar.dispose();
});
