import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Finding } from '../../../src/cli/detect.ts';
import type { jsonOf } from '../../../src/cli/inspect.ts';
import type { ReportRow } from '../../../src/services/report/reportData.ts';
import { drawPlates, workplace } from './workplace.ts';

const { at, nferd, remove } = workplace();
let plate = '';
const model = at('plate.nferd');
before(async () => {
  plate = await drawPlates(at);
  await nferd(['train', plate, '--out', model, '--size', '128', '--threads', '1', '--provider', 'cpu']);
});
after(remove);

const inspecting = (...more: readonly string[]) =>
  nferd(['inspect', plate, '--model', model, '--threads', '1', '--provider', 'cpu', ...more]);

test('inspect looks at every image once, tells verdicts and metrics, and names what failed', async () => {
  const first = await inspecting();
  assert.deepEqual({ code: first.code, err: first.err }, { code: 0, err: [] });
  assert.match(first.out, /12 images looked at, 0 known before, [\d.]+ s/);
  assert.match(first.out, /of 12 above the threshold \d/);
  assert.match(first.out, /^dot +2 +1\.0000/m);
  assert.match(first.out, /^at the threshold .*95 % interval.*\nat the pixel threshold .*pixel F1 .*IoU/m);
  writeFileSync(at('plate/test/good/9.png'), 'text');
  const again = await inspecting('--json', '--threshold', '2');
  assert.equal(again.code, 2);
  assert.match(again.err.join('\n'), /^nferd: failed \(1\):\n {2}.*9\.png: is a text file/m);
  const found = JSON.parse(again.out) as ReturnType<typeof jsonOf>;
  assert.deepEqual([found.imageAuroc, found.recall, found.falseAlarmRate, found.threshold], [1, 1, 0, 2]);
  const { threshold, recall, falseAlarmRate, pixelF1, pixelIou, pixelThreshold } = found.atThreshold;
  assert.deepEqual({ threshold, recall, falseAlarmRate }, { threshold: 2, recall: 1, falseAlarmRate: 0 });
  assert.ok([found.pixelAp, pixelF1, pixelIou, pixelThreshold].every((value) => value! > 0));
  assert.equal(found.inspected.length, 13);
  assert.deepEqual(
    found.inspected.filter(({ state }) => state === 'failed').map(({ image }) => image),
    ['test/good/9.png'],
  );
  assert.match((await inspecting()).out, /0 images looked at, 12 known before/);
});

test('inspect tells the regions that detect finds; rules decide verdicts and metrics stay', async () => {
  const inspectingJson = async (...more: readonly string[]) => {
    const args = ['inspect', plate, '--model', model, '--threads', '1', '--threshold', '2', '--json', ...more];
    const { out, err } = await nferd(args);
    return { found: JSON.parse(out) as ReturnType<typeof jsonOf>, notes: err.filter((line) => /rules/.test(line)) };
  };
  const { found, notes } = await inspectingJson();
  assert.deepEqual(notes, []);
  const done = found.inspected.filter(({ state, image }) => state === 'done' && image.startsWith('test/'));
  const paths = done.map(({ image }) => `${plate}/${image}`);
  const { out } = await nferd(['detect', ...paths, '--model', model, '--threads', '1', '--no-files', '--json']);
  const { images } = JSON.parse(out) as { images: Finding[] };
  done.forEach((row, at) => {
    const areas = images[at]!.regions.map(({ area }) => area);
    assert.equal((row as ReportRow).regions, areas.length, row.image);
    const largest = Math.max(0, ...areas);
    assert.ok(Math.abs((row as ReportRow).largestArea! - largest) < 1e-3 * largest + 0.02, row.image);
  });
  assert.ok(images.some(({ regions }) => regions.length > 0));

  const ruled = await inspectingJson('--most-regions', '0');
  assert.match(ruled.notes.join(), /at most 0 regions. Metrics, false alarms, misses and gates are of the score alone/);
  assert.equal(ruled.found.recall, found.recall);
  for (const row of ruled.found.inspected as ReportRow[])
    if (row.state === 'done') assert.equal(row.verdict, row.regions! > 0 || row.score! > 2 ? 'anomalous' : 'normal');
});

test('inspect without images or detector says so in one line', async () => {
  const none = await nferd(['inspect', at('plate.nferd'), '--model', model]);
  assert.equal(none.code, 2);
  assert.match(none.err.join('\n'), /^nferd: .*plate\.nferd: .*Choose a folder/);
  const lost = await nferd(['inspect', plate, '--model', at('nowhere')]);
  assert.equal(lost.code, 2);
  assert.match(lost.err.join('\n'), /^nferd: .*nowhere: not a detector/);
});
