import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Call } from '../../../src/protocol/rpc.ts';
import { enginePorts } from '../../../src/runtime/ports.ts';
import { inspectionDisk } from '../../../src/runtime/store/inspectionDisk.ts';
import { umap } from '../../../src/runtime/umap.ts';
import { Inspections } from '../../../src/services/inspect/inspections.ts';
import { createInspections } from '../../../src/worker/inspections.ts';
import { metricsThread } from '../../../src/worker/metrics.ts';
import { createLabels } from '../../../src/worker/labels.ts';
import { drawPlates, workplace } from '../cli/workplace.ts';
import { sourceThread } from '../runtime/sourceThread.ts';

const { at, nferd, remove } = workplace();
const call: Call = { signal: new AbortController().signal, progress: () => undefined };
const open = () => sourceThread('worker/metricsThread.ts');
const ports = () => enginePorts({ executionProvider: 'cpu', threads: 1 });
const inspections = new Inspections(() => ({ ...ports(), disk: inspectionDisk, layOut: umap }));
const engine = createInspections(inspections, ports, metricsThread(open));
const labels = createLabels(() => undefined);
let key: { folder: string; detector: string };
before(async () => {
  key = { folder: await drawPlates(at), detector: at('plate.nferd') };
  await nferd(['train', key.folder, '--out', key.detector, '--size', '128', '--threads', '1', '--provider', 'cpu']);
  await engine.inspect(key, call);
});
after(remove);

test('metrics come from a thread that sees what is labelled and inspected meanwhile', async () => {
  const measured = (imageThreshold?: number) =>
    engine.inspectionMetrics({ ...key, ...(imageThreshold !== undefined && { imageThreshold }) }, call);
  const first = await measured();
  assert.deepEqual([first.images, first.imageAuroc, first.recall, first.falseAlarmRate], [4, 1, 1, 0]);
  assert.ok(first.roc!.x.length > 1);
  assert.deepEqual([(await measured(1e6)).recall, (await measured(-1e6)).falseAlarmRate], [0, 1]);
  await labels.appendLabels(
    { folder: key.folder, lines: [{ image: 'test/good/0.png', label: 'excluded', at: '' }] },
    call,
  );
  assert.equal((await measured()).images, 3);
  writeFileSync(`${key.folder}/.nferd/labels.jsonl`, '');
  await nferd(['label', key.folder, '--export', 'csv', at('labels.csv')]);
  assert.equal((await measured()).images, 4);
});

test('what was wrong with a request is told as the engine itself would', async () => {
  const none = engine.inspectionMetrics({ folder: key.folder, detector: at('nowhere') }, call);
  await assert.rejects(async () => none, /nowhere: not a detector/);
});
