import '../useFakeVscode.ts';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import {
  changedState,
  type DatasetViewApp,
  type DatasetViewHost,
  type DatasetViewState,
} from '../../../../src/protocol/datasetView.ts';
import type { LabelLine } from '../../../../src/dataset/labels.ts';
import type { Inspection, NormalPlaces } from '../../../../src/protocol/inspection.ts';
import { packMask } from '../../../../src/dataset/maskRuns.ts';
import { connect, type CallOptions, type Remote } from '../../../../src/protocol/rpc.ts';
import { inspectionOf } from '../../webview/datasetView/support.ts';
import { editor, EventEmitter, Uri } from '../fakeVscode.ts';

const { Settings } = await import('../../../../src/extension/features/settings/settings.ts');
const { Thresholds } = await import('../../../../src/extension/features/thresholds/thresholds.ts');
const { Detectors } = await import('../../../../src/extension/features/detectors/detectors.ts');
const { DatasetSession } = await import('../../../../src/extension/features/dataset/datasetSession.ts');

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const at = '2026-01-01T00:00:00.000Z';

let root: string;
let disk: Record<string, LabelLine>;
let session: InstanceType<typeof DatasetSession>;
let detectors: InstanceType<typeof Detectors>;
let thresholds: InstanceType<typeof Thresholds>;
/** What the webview knows. */
let view: DatasetViewState;
let host: Remote<DatasetViewHost>;
let importing: (options: CallOptions) => Promise<void>;
let teaching: () => Promise<void>;
let panel: { visible: boolean };
/** Labels that the webview was told of. */
let heard: Record<string, string | null>;

const own = (name: string) => path.join(root, '.nferd/detectors', name);
async function makeDetector(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'detector.json'), '{}');
}
function inspectionBy(detector: string): Inspection {
  const inspection = inspectionOf([
    { path: 'a', score: 0.5 },
    { path: 'b', score: 2 },
  ]);
  return {
    ...inspection,
    labels: structuredClone(disk),
    detector: { ...inspection.detector, folder: detector, name: path.basename(detector), version: detector },
  };
}

const engine = {
  inspect: async ({ detector }: { detector: string }) => inspectionBy(detector),
  readInspection: async ({ detector }: { detector: string }) => inspectionBy(detector),
  readLabels: async () => structuredClone(disk),
  async appendLabels({ lines }: { lines: readonly LabelLine[] }) {
    for (const line of lines) disk[line.image] = line;
  },
  async importLabels(_: unknown, options: CallOptions) {
    await importing(options);
    return { images: 1, masks: 0, notes: [] };
  },
  async teachAsNormal({ out, places }: { out: string; places: NormalPlaces }) {
    await teaching();
    await makeDetector(out);
    taught.push(JSON.stringify(places));
  },
};
let taught: string[];

/**
 * As VS Code's: buffers arrive as they are, everything else by way of JSON, which has no undefined.
 */
function asMessage(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((each) => asMessage(each) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(kept.map(([key, each]) => [key, asMessage(each)]));
}

async function becomes(what: string, wanted: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !wanted(); tries++) await new Promise((done) => setTimeout(done, 5));
  assert.ok(wanted(), what);
}

beforeEach(async () => {
  editor.reset();
  root = await mkdtemp(path.join(tmpdir(), 'nferd-session-'));
  editor.folders = [{ uri: Uri.file(root), name: 'root' }];
  disk = {};
  taught = [];
  heard = {};
  importing = teaching = async () => undefined;
  await makeDetector(own('parts'));
  const settings = new Settings();
  thresholds = new Thresholds(settings);
  detectors = new Detectors(settings, Uri.file(path.join(root, 'home')) as never);
  detectors.watch();
  const toView = new EventEmitter<unknown>();
  const toHost = new EventEmitter<unknown>();
  panel = { visible: true };
  Object.assign(panel, {
    webview: {
      postMessage: (message: unknown) => setTimeout(() => toView.fire(asMessage(message))),
      onDidReceiveMessage: toHost.event,
    },
  });
  session = new DatasetSession(Uri.file(root) as never, panel as never, {
    engine: () => engine as never,
    detectors,
    settings,
    thresholds,
    train: undefined as never,
    log: silent,
  });
  const listen = (hear: (message: unknown) => void) => {
    const subscription = toView.event(hear);
    return () => subscription.dispose();
  };
  const port = { post: (message: unknown) => setTimeout(() => toHost.fire(asMessage(message))), listen };
  ({ remote: host } = connect<DatasetViewHost, DatasetViewApp>(port, {
    update: (change) => void (view = { ...view, ...changedState(change) }),
    found: () => undefined,
    labelled: (lines) => void lines.forEach(({ image, label }) => (heard[image] = label)),
  }));
  view = await host.ready();
  await becomes('inspected', () => view.inspection !== undefined && view.progress === undefined);
});

afterEach(async () => {
  session.dispose();
  detectors.dispose();
  await rm(root, { recursive: true, force: true });
});

test('a view hears that work has ended and that a failure is over', async () => {
  importing = () => Promise.reject(new Error('no such file'));
  editor.answers = ['CSV', [Uri.file('/labels.csv')]];
  await host.importLabels();
  await becomes('failed', () => view.failure === 'no such file' && view.progress === undefined);
  await host.inspect();
  await becomes('mended', () => view.failure === undefined && view.progress === undefined);
});

test('a setting of the viewer looks for no detectors; a threshold of the settings reaches the view', async () => {
  let looks = 0;
  const list = detectors.list.bind(detectors);
  detectors.list = (resource) => (looks++, list(resource));
  editor.set('nferd.viewer.opacity', 0.3);
  editor.set('nferd.viewer.colorMap', 'grey');
  await becomes('grey', () => view.colorMap === 'grey');
  assert.deepEqual([view.thresholds?.image.value, view.thresholds?.image.origin], [1, 'calibrated']);
  editor.set('nferd.threshold.image', 3, root);
  await becomes('moved', () => view.thresholds?.image.value === 3);
  assert.deepEqual(view.thresholds, thresholds.of(view.inspection!.detector, Uri.file(root) as never));
  assert.equal(looks, 0);
});

test('what is compared comes with the thresholds of its own detector', async () => {
  await makeDetector(own('other'));
  await host.compareWith({ detector: own('other') });
  editor.set('nferd.threshold.falseAlarmRate', 0.2, root);
  await becomes('moved', () => view.comparedThresholds?.askedRate === 0.2);
  assert.deepEqual(view.comparedThresholds, view.thresholds, 'they are calibrated alike here');
  await host.endComparison();
  await becomes('gone', () => view.comparison === undefined);
  assert.equal(view.comparedThresholds, undefined);
});

test('undo of an import leaves the labels that were there', async () => {
  disk = { a: { image: 'a', label: 'normal', at } };
  importing = async () => void (disk['b'] = { image: 'b', label: 'anomalous', at });
  editor.answers = ['CSV', [Uri.file('/labels.csv')]];
  await host.importLabels();
  await host.undo();
  assert.deepEqual([disk['a']!.label, disk['b']!.label], ['normal', null]);
});

test('another detector comes into use while labels are imported: the import ends first', async () => {
  let letGo: () => void = () => undefined;
  let stopped = false;
  importing = ({ signal }) =>
    new Promise((resolve) => {
      letGo = resolve;
      signal?.addEventListener('abort', () => (stopped = true));
    });
  editor.answers = ['CSV', [Uri.file('/labels.csv')]];
  const imported = host.importLabels();
  await becomes('importing', () => view.progress !== undefined);
  await makeDetector(own('newer'));
  editor.set('nferd.detector', 'newer', root);
  await new Promise((done) => setTimeout(done, 30));
  assert.equal(view.inspection!.detector.name, 'parts');
  letGo();
  await imported;
  await becomes('the other detector', () => view.inspection!.detector.name === 'newer');
  assert.equal(stopped, false);
});

test('flagged regions are taught; the result outlives a hidden view, and is accepted under a free name', async () => {
  editor.answers = ['Flagged regions'];
  await host.teachAsNormal({ images: ['a', 'b'] });
  // Where they lie is the engine's to say, from its own numbers and the threshold that counts here.
  assert.deepEqual(
    taught.map((each) => JSON.parse(each) as unknown),
    [{ flagged: ['a', 'b'], pixelThreshold: view.thresholds!.pixel.value }],
  );
  view = await host.ready();
  assert.equal(view.comparison?.taught, true);
  await makeDetector(own('parts-2'));
  await host.acceptTaught();
  await becomes('no comparison', () => view.comparison === undefined);
  assert.deepEqual((await readdir(own('.'))).sort(), ['parts', 'parts-2', 'parts-3']);
  await becomes('in use', () => view.inspection!.detector.name === 'parts-3');
});

test('a teaching that is refused leaves the one that waits; discarding deletes it', async () => {
  editor.answers = ['The whole image'];
  await host.teachAsNormal({ images: ['a'] });
  await becomes('taught', () => view.comparison?.taught === true);
  let letGo: () => void = () => undefined;
  importing = () => new Promise((resolve) => (letGo = resolve));
  editor.answers = ['CSV', [Uri.file('/labels.csv')]];
  const imported = host.importLabels();
  await becomes('importing', () => view.progress !== undefined);
  await assert.rejects(host.teachAsNormal({ images: ['b'] }), /under way/);
  letGo();
  await imported;
  const waiting = () => readdir(path.join(root, '.nferd/taught'));
  assert.equal((await waiting()).length, 1);
  await host.discardTaught();
  assert.equal((await waiting()).length, 0);
  await becomes('no comparison', () => view.comparison === undefined);
});

for (const [what, place, change] of [
  ['of the folder itself', '.nferd/labels.jsonl', 'change'],
  ['of a folder below', 'test/odd/.nferd/labels.jsonl', 'create'],
  ['of a folder below that goes', 'test/odd/.nferd/labels.jsonl', 'delete'],
  ['that goes with its folder', 'test/odd/.nferd', 'delete'],
] as const)
  test(`labels are followed: a file ${what}`, async () => {
    disk = { b: { image: 'b', label: 'anomalous', at } };
    const file = path.join(root, place);
    const told = editor.watchers.filter(({ pattern }) => {
      if (typeof pattern === 'string') return false;
      const glob = pattern.pattern
        .replaceAll('.', '\\.')
        .replace(/^\*\*\//, '(.*/)?')
        .replace('**', '.*');
      return new RegExp(`^${glob}$`).test(path.relative(pattern.base.fsPath, file));
    });
    assert.ok(told.length > 0);
    for (const watcher of told) watcher.fire(change, file);
    await becomes('heard', () => heard['b'] === 'anomalous');
  });

test('a region marked by hand: the picker leads to the image; what is marked there is taught and shown', async () => {
  editor.answers = ['A region marked by hand…'];
  await host.teachAsNormal({ images: ['a'] });
  assert.match(editor.log.at(-1)!, /run: vscode\.openWith .*\/a nferd\.anomalyView/);
  assert.equal(taught.length, 0);
  const mask = packMask(2, 1, Uint8Array.of(0, 1));
  assert.equal(await session.teachRegions([{ image: 'a', mask }]), true);
  assert.equal(taught[0], JSON.stringify({ regions: [{ image: 'a', mask }] }));
  await becomes('shown', () => view.comparison?.taught === true);
});

test('a region that could not be taught: the view says why, and who asked hears that it was not', async () => {
  teaching = () => Promise.reject(new Error('nothing there looks unusual'));
  assert.equal(await session.teachRegions([{ image: 'a' }]), false);
  await becomes('told', () => view.failure === 'nothing there looks unusual');
  assert.equal(view.comparison, undefined);
  assert.deepEqual(await readdir(path.join(root, '.nferd/taught')), []);
});
