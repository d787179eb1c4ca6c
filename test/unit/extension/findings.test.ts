import './useFakeVscode.ts';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import {
  findingsText,
  mergeFindings,
  parseFindings,
  type Finding,
} from '../../../src/extension/features/detect/findingsFile.ts';
import { editor, Uri } from './fakeVscode.ts';

const { Settings } = await import('../../../src/extension/features/settings/settings.ts');
const { Detectors } = await import('../../../src/extension/features/detectors/detectors.ts');
const { Thresholds } = await import('../../../src/extension/features/thresholds/thresholds.ts');
const { Findings } = await import('../../../src/extension/features/detect/findings.ts');
const { Detections } = await import('../../../src/extension/features/detect/detections.ts');
const { decorations } = await import('../../../src/extension/features/decorations/decorations.ts');

const root = await mkdtemp(path.join(tmpdir(), 'nferd-findings-'));
after(() => rm(root, { recursive: true, force: true }));

const detector = {
  folder: path.join(root, 'flange'),
  name: 'flange',
  thresholds: { image: 1, pixel: 1, falseAlarmRate: 0.05, promised: true },
  calibrationScores: [0.1, 1],
  calibrationPeaks: [0.2, 1],
};
const finding = (image: string, foundMs: number, score = 2): Finding => ({
  image,
  score,
  detector,
  imageMs: 1,
  imageBytes: 2,
  detectorMs: 3,
  foundMs,
});
const map = (...all: Finding[]) => new Map(all.map((each) => [each.image, each]));

test('what is written is read; a detector is written once', () => {
  const all = map(finding('/a.png', 1), finding('/b.png', 2));
  const text = findingsText(all);
  assert.deepEqual(parseFindings(text), all);
  assert.equal(text.split('calibrationScores').length, 2);
});

const damaged: [string, string][] = [
  ['cut short', findingsText(map(finding('/a.png', 1))).slice(0, -9)],
  ['of another version', '{"version":2,"detectors":[],"findings":[]}'],
  ['of something else', '[]'],
  ['with a detector that is not there', '{"version":1,"detectors":[],"findings":[{"image":"/a.png","detector":0}]}'],
  ['with a score that is none', findingsText(map({ ...finding('/a.png', 1), score: Number.NaN }))],
];
for (const [name, text] of damaged) {
  test(`a file ${name} gives no finding`, () => assert.equal(parseFindings(text).size, 0));
}

test('of two windows the newer finding of an image counts, and only the newest 5,000 are kept', () => {
  const merged = mergeFindings(
    map(finding('/a', 5, 1), finding('/b', 1, 1)),
    map(finding('/a', 4, 2), finding('/b', 2, 2)),
  );
  assert.deepEqual(
    [...merged.values()].map(({ image, score }) => [image, score]),
    [
      ['/b', 2],
      ['/a', 1],
    ],
  );
  const many = map(...Array.from({ length: 5500 }, (_, at) => finding(`/${at}`, at)));
  const kept = mergeFindings(many, new Map());
  assert.deepEqual([kept.size, kept.has('/499'), kept.has('/500')], [5000, false, true]);
});

const warnings: string[] = [];
const log = { trace() {}, debug() {}, info() {}, error() {}, warn: (text: string) => void warnings.push(text) };
const image = path.join(root, 'a.png');

async function current(score: number): Promise<Finding> {
  const [file, model] = await Promise.all([stat(image), stat(path.join(detector.folder, 'detector.json'))]);
  const stamps = { imageMs: file.mtimeMs, imageBytes: file.size, detectorMs: model.mtimeMs };
  return { ...finding(image, Date.now(), score), ...stamps };
}

beforeEach(async () => {
  editor.reset();
  await mkdir(detector.folder, { recursive: true });
  await writeFile(image, 'picture');
  await writeFile(path.join(detector.folder, 'detector.json'), '{}');
});

function marks(storage: string) {
  const settings = new Settings();
  const findings = new Findings(Uri.file(storage) as never, log);
  findings.watch();
  const detectors = new Detectors(settings, Uri.file(root) as never);
  decorations(findings, detectors, new Thresholds(settings));
  const provider = editor.decorations!;
  return { findings, mark: async () => (await provider.provideFileDecoration(Uri.file(image)))?.tooltip };
}

test(
  'a mark outlives its window and shows in another; it goes with the threshold, the image and the ' + 'detector',
  async () => {
    const storage = path.join(root, 'storage');
    const one = marks(storage);
    const other = marks(storage);
    const watcher = editor.watchers.findLast(
      ({ pattern }) => typeof pattern !== 'string' && pattern.pattern === 'findings.json',
    )!;
    assert.equal(await one.mark(), undefined);
    one.findings.add(await current(2));
    assert.equal(await one.mark(), 'Anomalous: score 2.00 above 1.00, by detector "flange"');
    one.findings.dispose();
    assert.equal(parseFindings(await readFile(path.join(storage, 'findings.json'), 'utf8')).size, 1);

    let told: readonly string[] | undefined | 'nothing' = 'nothing';
    other.findings.onDidChange((images) => (told = images));
    watcher.fire('change', path.join(storage, 'findings.json'));
    assert.equal(told, undefined);
    assert.match((await other.mark())!, /score 2\.00/);

    const reloaded = marks(storage);
    assert.match((await reloaded.mark())!, /score 2\.00/);
    editor.set('nferd.threshold.image', 3);
    assert.equal(await reloaded.mark(), undefined);
    editor.set('nferd.threshold.image', undefined);
    await writeFile(path.join(detector.folder, 'detector.json'), '{"trained":"anew"}');
    assert.equal(await reloaded.mark(), undefined);
    reloaded.findings.add(await current(4));
    assert.match((await reloaded.mark())!, /score 4\.00/);
    await rm(image);
    assert.equal(await reloaded.mark(), undefined);
  },
);

test('a rule marks an image whose regions were found at the pixel threshold that counts', async () => {
  const { findings, mark } = marks(path.join(root, 'rules'));
  const pixelThreshold = detector.thresholds.pixel;
  findings.add({ ...(await current(0.5)), regions: { pixelThreshold, areas: [40, 30, 2] } });
  assert.equal(await mark(), undefined);
  editor.set('nferd.rules.mostRegions', 2);
  assert.equal(await mark(), 'Anomalous: 3 regions, at most 2 allowed, by detector "flange"');
  editor.set('nferd.rules.smallestArea', 10);
  assert.equal(await mark(), undefined);
  editor.set('nferd.rules.largestTotalArea', 60);
  assert.equal(await mark(), 'Anomalous: 70 px² in all regions, at most 60 allowed, by detector "flange"');
  editor.set('nferd.threshold.pixel', pixelThreshold + 1);
  assert.equal(await mark(), undefined);
});

test('a rule that is switched on counts for what was just detected', async () => {
  const settings = new Settings();
  const { findings, mark } = marks(path.join(root, 'detected'));
  const data = Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 3 : 0));
  const found = {
    ...{ image, score: 0.5, elapsedMs: 1, executionProvider: 'cpu', original: { width: 40, height: 40 }, stages: [] },
    anomalyGrid: { width: 4, height: 4, data },
    detector: { ...detector, input: { width: 4, height: 4 } },
  };
  const engine = { detect: () => Promise.resolve(found) };
  const detections = new Detections(() => engine as never, findings, new Thresholds(settings), log);
  const { mtimeMs } = await stat(path.join(detector.folder, 'detector.json'));
  await detections.detect(image, { ...detector, modifiedMs: mtimeMs } as never);
  assert.equal(await mark(), undefined);
  editor.set('nferd.rules.mostRegions', 0);
  await new Promise((resolve) => setTimeout(resolve));
  // The diagonal: its corners touch.
  assert.equal(await mark(), 'Anomalous: 1 region, at most 0 allowed, by detector "flange"');
  editor.set('nferd.threshold.pixel', 2);
  await new Promise((resolve) => setTimeout(resolve));
  assert.match((await mark())!, /at most 0 allowed/);
});

test('storage that cannot be written costs the memory of marks, nothing else', async () => {
  const file = path.join(root, 'file');
  await writeFile(file, '');
  const { findings, mark } = marks(path.join(file, 'below'));
  findings.add(await current(2));
  findings.dispose();
  assert.match(warnings.join(), /findings\.json: could not be written/);
  assert.match((await mark())!, /score 2\.00/);
});
