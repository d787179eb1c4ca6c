import './useFakeVscode.ts';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { fewestNormals } from '../../../src/dataset/normalTrainingItems.ts';
import { checkpointOf } from '../../../src/dataset/onDisk.ts';
import type { FolderCount } from '../../../src/dataset/dataset.ts';
import type { DetectorSummary, Engine, OddNormals, TrainRequest } from '../../../src/protocol/engine.ts';
import { RpcError, type CallOptions, type Remote } from '../../../src/protocol/rpc.ts';
import { editor, Uri } from './fakeVscode.ts';

const { Settings } = await import('../../../src/extension/features/settings/settings.ts');
const { Detectors } = await import('../../../src/extension/features/detectors/detectors.ts');
const { Train } = await import('../../../src/extension/features/train/train.ts');

const root = await mkdtemp(path.join(tmpdir(), 'nferd-train-'));
after(() => rm(root, { recursive: true, force: true }));

const folder = path.join(root, 'flange/train/good');
const own = (name: string) => path.join(root, '.nferd/detectors', name);
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const thresholds = { image: 1.25, pixel: 1, falseAlarmRate: 0.05, promised: true };

let requests: TrainRequest[];
let oddNormals: OddNormals | undefined;
/** How the engine answers; by default it writes the detector. */
let answer: (request: TrainRequest, options: CallOptions) => Promise<unknown>;

const writes = async ({ out }: TrainRequest): Promise<void> => {
  await mkdir(out, { recursive: true });
  await writeFile(path.join(out, 'detector.json'), '{}');
};

/** What the folder's names don't tell. */
let open: readonly FolderCount[];

const engine = {
  foldersToDecide: async () => open,
  async train(request: TrainRequest, options: CallOptions) {
    requests.push(request);
    await answer(request, options);
    const name = path.basename(request.out);
    return { name, normalImages: 16, thresholds, ...(oddNormals && { oddNormals }) } as DetectorSummary;
  },
} as unknown as Remote<Engine>;

const train = () => {
  const settings = new Settings();
  return new Train(() => engine, new Detectors(settings, Uri.file(path.join(root, 'home')) as never), settings, silent);
};
const shown = () => editor.log.join('\n');
/** What is told, perhaps after the command has ended. */
async function told(what: RegExp): Promise<void> {
  for (let tries = 0; tries < 400 && !what.test(shown()); tries++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(shown(), what);
}

beforeEach(async () => {
  editor.reset();
  editor.folders = [{ uri: Uri.file(root), name: 'root' }];
  requests = [];
  oddNormals = undefined;
  open = [];
  answer = writes;
  await rm(path.join(root, '.nferd'), { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
});

test(
  'from the menu of a folder: the mode is asked for; false-alarm rate, precision and region of interest are ' +
    'those of the settings',
  async () => {
    editor.set('nferd.threshold.falseAlarmRate', 0.02);
    editor.set('nferd.training.precision', 'float16');
    editor.set('nferd.training.roi', 'masks/roi.png');
    editor.answers = ['$(zap) Instant'];
    const trained = await train().run(Uri.file(folder));
    assert.equal(trained?.folder, own('flange'));
    assert.deepEqual(requests, [
      {
        ...{ folder, out: own('flange'), mode: 'instant', precision: 'float16', falseAlarmRate: 0.02 },
        roi: path.join(root, 'masks', 'roi.png'),
      },
    ]);
    await told(/info: Detector "flange" is ready\. \[Detect anomalies\]/);
  },
);

test('folders whose names do not tell: asked which are normal; without an answer nothing is trained', async () => {
  open = [
    { folder: '良', images: 12 },
    { folder: 'B', images: 6 },
  ];
  editor.answers = ['$(zap) Instant', '良'];
  await train().run(Uri.file(folder));
  assert.match(shown(), /pick: Names do not tell which folders hold normal images.* \[良, B\]/);
  assert.deepEqual(requests[0]!.normal, ['良']);
  editor.answers = ['$(zap) Instant', 'Replace it'];
  assert.equal(await train().run(Uri.file(folder)), undefined);
  assert.equal(requests.length, 1);
});

test('another detector is in use: the message leads to the choice', async () => {
  await writes({ out: own('chosen') } as TrainRequest);
  editor.set('nferd.detector', 'chosen');
  editor.answers = ['$(mortar-board) Distilled', 'Select detector'];
  await train().run(Uri.file(folder));
  assert.equal(requests[0]!.falseAlarmRate, undefined);
  await told(/"flange-distilled" is ready\. \[Select detector\]\nrun: nferd\.selectDetector/);
});

test('an odd normal image that sets the threshold: a warning that leads to it', async () => {
  const images = [{ path: path.join(folder, '003.png'), score: 2.6413 }];
  oddNormals = { images, others: 22, threshold: 1.7 };
  editor.answers = ['$(zap) Instant', 'Look at it'];
  await train().run(Uri.file(folder));
  await told(
    new RegExp(
      String.raw`warning: The image threshold of "flange" hangs on one image: "003\.png" scores 2\.64, .* ` +
        String.raw`Without it .* 1\.70\. If it is not normal, move it out and train again; ` +
        String.raw`else set nferd\.threshold\.image\. \[Look at it, Open settings\]`,
    ),
  );
  await told(/run: nferd\.detectAnomalies .*003\.png/);
});

test('several of them are counted', async () => {
  const images = ['003.png', '008.png', '009.png'].map((name) => ({ path: path.join(folder, name), score: 3 }));
  oddNormals = { images, others: 22, threshold: 1.7 };
  editor.answers = ['$(zap) Instant'];
  await train().run(Uri.file(folder));
  await told(/warning: .* hangs on few images: "003\.png" scores 3\.00, .*, as 2 more do\. Without them/);
});

const clashes: [string, string | undefined, string[]][] = [
  ['kept', 'Keep it, train "flange-3"', ['flange-3']],
  ['replaced', 'Replace it', ['flange']],
  ['thought better of', undefined, []],
];
for (const [how, button, names] of clashes) {
  test(`a detector of that name is ${how}`, async () => {
    for (const name of ['flange', 'flange-2']) await writes({ out: own(name) } as TrainRequest);
    editor.answers = ['$(zap) Instant', ...(button ? [button] : [])];
    await train().run(Uri.file(folder));
    assert.match(shown(), /info: There is a detector "flange" already\. \[Replace it, Keep it, train "flange-3"\]/);
    assert.deepEqual(
      requests.map(({ out }) => out),
      names.map(own),
    );
  });
}

test('the same twice at once: the second is told to wait', async () => {
  let finish: () => void = () => undefined;
  answer = async (request) => {
    await new Promise<void>((resolve) => (finish = resolve));
    await writes(request);
  };
  editor.answers = ['$(zap) Instant', '$(zap) Instant'];
  const one = train();
  const first = one.run(Uri.file(folder));
  await told(/progress: Training/);
  assert.equal(await one.run(Uri.file(folder)), undefined);
  assert.match(shown(), /"flange" is being trained already/);
  finish();
  await first;
  assert.equal(requests.length, 1);
});

/** Ends as a cancelled call does, once it was cancelled. */
const stopped =
  (save: (request: TrainRequest) => Promise<unknown>) => async (request: TrainRequest, options: CallOptions) => {
    assert.equal(options.untilEnded, true);
    setTimeout(() => editor.progress!.cancel());
    await new Promise<void>((resolve) => options.signal!.addEventListener('abort', resolve));
    await save(request);
    throw new RpcError('cancelled', 'Cancelled.');
  };

test('stopped: what is kept is told, and Go on trains the same', async () => {
  answer = stopped(async ({ out }) => {
    await mkdir(checkpointOf(out), { recursive: true });
    answer = writes; // the next time
  });
  editor.answers = ['$(mortar-board) Distilled', 'Go on'];
  assert.equal(await train().run(Uri.file(folder)), undefined);
  assert.match(
    shown(),
    /progress: Stopping…\ninfo: Training "flange-distilled" was stopped\. What it learned is kept.*\[Go on\]/,
  );
  await told(/Detector "flange-distilled" is ready/);
  assert.equal(requests.length, 2);
  assert.deepEqual(requests[1], requests[0]);
});

test('stopped with nothing to keep: a word in the status bar', async () => {
  answer = stopped(async () => undefined);
  editor.answers = ['$(zap) Instant'];
  await train().run(Uri.file(folder));
  await told(/status: Training "flange" was stopped\.$/);
});

test('failed: the reason, a way to another folder and to the log', async () => {
  answer = async () => {
    throw new RpcError('error', `${folder}: 2 normal images; at least 5 are needed.`, true);
  };
  editor.answers = ['$(zap) Instant'];
  await train().run(Uri.file(folder));
  assert.match(shown(), /error: .*: 2 normal images; .* \[Choose another folder…, Show engine log\]$/);
});

test('the offer counts the images it suggests; too few are not suggested', async () => {
  const image = path.join(root, 'flange/test/dent/000.png');
  await train().offer(Uri.file(image) as never);
  assert.match(shown(), /Train one on a folder of normal images\? \[Choose another folder…\]$/);
  for (let at = 0; at < fewestNormals; at++) await writeFile(path.join(folder, `${at}.png`), '');
  editor.answers = ['Train'];
  assert.equal((await train().offer(Uri.file(image) as never))?.name, 'flange');
  assert.match(shown(), /Train one on the 5 images in "good"\? \[Train, Choose another folder…\]/);
});

test('before trust nothing is trained', async () => {
  editor.trusted = false;
  await assert.rejects(train().run(Uri.file(folder)), /Trust the workspace first/);
  await assert.rejects(train().offer(Uri.file(folder) as never), /Trust the workspace first/);
  assert.deepEqual(requests, []);
});
