import '../useFakeVscode.ts';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { AnomalyViewApp, AnomalyViewHost, ViewChange, ViewState } from '../../../../src/protocol/anomalyView.ts';
import type { Detection, DetectRequest } from '../../../../src/protocol/engine.ts';
import { connect, type Remote } from '../../../../src/protocol/rpc.ts';
import { editor, EventEmitter, Uri } from '../fakeVscode.ts';

const { Settings } = await import('../../../../src/extension/features/settings/settings.ts');
const { Thresholds } = await import('../../../../src/extension/features/thresholds/thresholds.ts');
const { Detectors } = await import('../../../../src/extension/features/detectors/detectors.ts');
const { Findings } = await import('../../../../src/extension/features/detect/findings.ts');
const { Detect } = await import('../../../../src/extension/features/detect/detect.ts');
const { Detections } = await import('../../../../src/extension/features/detect/detections.ts');
const { AnomalyViewProvider } = await import('../../../../src/extension/features/anomalyView/anomalyViewProvider.ts');

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const noMap = { width: 0, height: 0, data: new Float32Array() };

let root: string;
/** What the engine was asked to detect, and what comes of it. */
let asked: DetectRequest[];
let detecting: () => Promise<void>;
/** How often the detectors were looked for. */
let looks: number;
/** What the page was told, oldest first, and what it knows. */
let told: ViewChange[];
let view: ViewState;
let host: Remote<AnomalyViewHost>;
let detect: InstanceType<typeof Detect>;
let open: () => Promise<void>;
let close: () => void;
const image = () => path.join(root, 'a.png');

const engine = {
  async detect(request: DetectRequest): Promise<Detection> {
    asked.push(request);
    await detecting();
    return {
      image: request.image,
      original: { width: 2, height: 2 },
      score: 2,
      anomalyGrid: noMap,
      stages: [],
      executionProvider: 'cpu',
      elapsedMs: 1,
      detector: {
        folder: request.detector,
        name: 'parts',
        thresholds: { image: 1, pixel: 1.5, falseAlarmRate: 0.05, promised: true },
        calibrationScores: [1],
        calibrationPeaks: [1.5],
      } as unknown as Detection['detector'],
    };
  },
  readLabels: async () => ({}),
};

async function becomes(what: string, wanted: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !wanted(); tries++) await new Promise((done) => setTimeout(done, 5));
  assert.ok(wanted(), what);
}
const settled = () => new Promise((done) => setTimeout(done, 50));

/** A webview panel, and the page's end of its channel. */
function panelOf() {
  const [toView, toHost, gone] = [new EventEmitter<unknown>(), new EventEmitter<unknown>(), new EventEmitter<void>()];
  const webview = {
    html: '',
    cspSource: 'self',
    asWebviewUri: (uri: Uri) => ({ with: () => uri, toString: () => String(uri) }),
    postMessage: (message: unknown) => setTimeout(() => toView.fire(message)),
    onDidReceiveMessage: toHost.event,
  };
  const listen = (hear: (message: unknown) => void) => {
    const subscription = toView.event(hear);
    return () => subscription.dispose();
  };
  const port = { post: (message: unknown) => setTimeout(() => toHost.fire(message)), listen };
  const panel = {
    visible: true,
    webview,
    onDidChangeViewState: new EventEmitter<void>().event,
    onDidDispose: gone.event,
  };
  return { panel, port, gone };
}

beforeEach(async () => {
  editor.reset();
  root = await mkdtemp(path.join(tmpdir(), 'nferd-view-'));
  editor.folders = [{ uri: Uri.file(root), name: 'root' }];
  asked = [];
  told = [];
  looks = 0;
  detecting = async () => undefined;
  await mkdir(path.join(root, '.nferd/detectors/parts'), { recursive: true });
  await writeFile(path.join(root, '.nferd/detectors/parts/detector.json'), '{}');
  await writeFile(image(), 'picture');
  const settings = new Settings();
  const thresholds = new Thresholds(settings);
  const detectors = new Detectors(settings, Uri.file(path.join(root, 'home')) as never);
  const resolve = detectors.resolve.bind(detectors);
  detectors.resolve = (resource) => (looks++, resolve(resource));
  const findings = new Findings(Uri.file(path.join(root, 'storage')) as never, silent);
  const detections = new Detections(() => engine as never, findings, thresholds, silent);
  detect = new Detect(detectors, detections, thresholds, undefined as never, silent);
  const provider = new AnomalyViewProvider({
    engine: () => engine as never,
    detectors,
    detections,
    settings,
    thresholds,
    train: undefined as never,
    teach: undefined as never,
    log: silent,
    draftsFolder: path.join(root, 'drafts'),
    page: () => ({ script: '', style: '' }),
  });
  const { panel, port, gone } = panelOf();
  open = async () => {
    provider.resolveCustomEditor({ uri: Uri.file(image()) } as never, panel as never);
    ({ remote: host } = connect<AnomalyViewHost, AnomalyViewApp>(port, {
      update: (change) => {
        told.push(change);
        view = { ...view, ...change };
      },
      picture: () => undefined,
    }));
    await becomes('the page', () => panel.webview.html !== '');
    view = (await host.ready({ revision: -1 }))!;
    await becomes('the end of the detection', () => view.phase.kind !== 'busy');
    await settled();
    told = [];
    looks = 0;
  };
  close = () => {
    gone.fire();
    findings.dispose();
  };
});

afterEach(async () => {
  close();
  await settled();
  await rm(root, { recursive: true, force: true });
});

test('the command starts the detection, and the view joins it', async () => {
  let letGo: () => void = () => undefined;
  detecting = () => new Promise((done) => (letGo = done));
  await detect.run(Uri.file(image()));
  const opened = open();
  await becomes('begun', () => asked.length > 0);
  await settled();
  letGo();
  await opened;
  assert.equal(view.detection?.score, 2);
  assert.deepEqual(asked, [{ image: image(), detector: path.join(root, '.nferd/detectors/parts'), many: false }]);
});

test('a setting of the viewer replaces what was chosen in its place, and nothing else', async () => {
  await open();
  await host.remember({ layer: 'stage:4', opacity: 0.2, contour: false });
  editor.set('nferd.viewer.opacity', 0.9);
  await becomes('told', () => told.length > 0);
  await settled();
  assert.equal(view.settings.opacity, 0.9);
  assert.deepEqual(view.ui, { layer: 'stage:4', contour: false });
  assert.deepEqual([looks, asked.length], [0, 1], 'no detector was looked for, nothing detected again');
  assert.deepEqual([told.length, told[0]!.thresholds], [1, undefined]);
});

test('a threshold of the settings moves the thresholds, and leaves what was chosen', async () => {
  await open();
  assert.deepEqual(view.thresholds?.image, { value: 1, origin: 'calibrated' });
  await host.remember({ layer: 'stage:4', opacity: 0.2 });
  editor.set('nferd.threshold.image', 3, root);
  await becomes('told', () => view.thresholds?.image.value === 3);
  await settled();
  assert.deepEqual(view.ui, { layer: 'stage:4', opacity: 0.2 });
  assert.deepEqual([looks, asked.length], [0, 1]);
});

test('what failed is tried again with other options of the engine, not with other colours', async () => {
  detecting = () => Promise.reject(new Error('no such provider'));
  await open();
  assert.equal(view.phase.kind, 'failed');
  assert.equal(asked.length, 1);
  editor.set('nferd.viewer.colorMap', 'grey');
  await settled();
  assert.equal(asked.length, 1);
  detecting = async () => undefined;
  editor.set('nferd.executionProvider', 'cpu');
  await becomes('done', () => view.phase.kind === 'done');
  assert.equal(asked.length, 2);
});
