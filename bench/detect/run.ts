/**
 * A warm detection end to end (file → heatmap PNG as `nferd detect` draws it by default, its longer
 * side at most `shownSide` pixels) beside, in turns, the sum of two parts one after the other:
 * decoding the file once to the size that is drawn on, and onnxruntime's session.run of
 * detector.onnx on a ready input. Ratio of the medians: at most 1.3. Harder, and without a target:
 * the same with a model that was cut down to the outputs that `nferd detect` needs (score, map,
 * neighbours of the weighted stages), as `nferd detect` itself does. And the peak memory of
 * training on 300 images: at most 2 GiB.
 *
 * npm run bench:detect -- [--rounds 30] [--normals 300] [--dry]
 */
import { inputShape } from '../../src/nferd/config.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { keepOutputs } from '../../src/graph/keepOutputs.ts';
import { explainedOutputs } from '../../src/services/detect/openDetector.ts';
import { loadDetector } from '../../src/services/detect/detectorStore.ts';
import { shownSide } from '../../src/services/detect/heatmap.ts';
import { fixed, machine, median, writeReport } from '../report.ts';
import { runBundled } from '../nodeProcess.ts';
import { demoSet } from './demoSet.ts';
import { ports, threads, twoMegapixels } from './subject.ts';
import { startRaw, startWhole } from './timed.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    normals: { type: 'string', default: '300' },
    dry: { type: 'boolean', default: false },
  },
});
const [rounds, normals] = [Number(options.rounds), Number(options.normals)];
const target = 1.3;
const targetMiB = 2048;
/** Rounds before the clock counts. */
const warming = 3;
/**
 * onnxruntime's threads spin for some 100 ms after their work, ours for less: they must not take a
 * core from the other's turn.
 */
const settleMs = 200;
/** Enough of a student for its step's memory to be there. */
const studentSteps = 4;
/** Images of the detector whose speed is measured. */
const shown = 40;

const where = machine(`npm run bench:detect -- --rounds ${rounds} --normals ${normals}`);
const demo = await demoSet(normals);
const folder = mkdtempSync(path.join(tmpdir(), 'nferd-bench-detect-'));
try {
  const peakMiB = trainApart(normals, studentSteps, path.join(folder, 'student'));
  console.log(`peak memory of training on ${normals} images: ${gib(peakMiB)} GiB (target ≤ ${gib(targetMiB)})`);

  // Apart as well: collecting what a training leaves behind would be counted as detection.
  trainApart(Math.min(shown, normals), 0, path.join(folder, 'detector'));
  const detector = await loadDetector(path.join(folder, 'detector'), ports);
  const images = {
    'demo image, 320 × 320': path.join(demo, 'test/scratch/000.jpg'),
    'photograph, 1600 × 1280': await twoMegapixels(demo, path.join(folder, 'large.jpg')),
  };
  const whole = await startWhole(detector);
  const inputSize = inputShape(detector.record.config).width;
  const raw = await startRaw(detector.model, inputSize);
  const cut = await startRaw(keepOutputs(detector.model, explainedOutputs(detector.record.config)), inputSize);
  const measured = [];
  for (const [name, image] of Object.entries(images)) {
    const ms: Record<string, number[]> = {};
    const turns = [
      async () => whole.run(image, path.join(folder, 'heatmap.png')),
      async () => ({ raw: await raw.run(image) }),
      async () => ({ cut: await cut.run(image) }),
    ];
    for (let round = -warming; round < rounds; round++)
      for (const turn of round % 2 ? turns : turns.toReversed()) {
        await pause(settleMs);
        // Warm: what the other's turn and the pause took out of the caches is there again.
        await turn();
        const found = await turn();
        if (round >= 0) for (const [part, value] of Object.entries(found)) (ms[part] ??= []).push(value);
      }
    const of = (part: string): number => median(ms[part]!);
    const ratio = of('whole') / of('raw');
    const cutRatio = of('whole') / of('cut');
    const medians = Object.fromEntries(Object.keys(ms).map((part) => [part, of(part)]));
    console.log(`${name}: ${fixed(ratio)} × (target ≤ ${target}), ${fixed(cutRatio)} ×`, JSON.stringify(medians));
    measured.push({ name, ratio, cutRatio, medians, ms });
  }
  await whole.end();
  await raw.end();
  await cut.end();
  if (!options.dry)
    writeReport(
      'detect',
      { machine: where, threads, target, targetMiB, peakMiB, normals, measured } as Parameters<typeof writeReport>[1],
      '# Detection end to end\n\nWarm, from the file to the written heatmap PNG (longer side at most ' +
        `${shownSide} pixels), instant mode, ${threads} threads, beside decoding the file once to the ` +
        'drawn size and then running detector.onnx, and beside the same with a model cut down to the ' +
        'outputs needed, which is what ours runs, in turns (decode and session overlap in the first, so ' +
        `its parts may exceed its whole); medians in milliseconds of ${rounds} rounds; written by \`npm ` +
        `run bench:detect\`. Peak memory of training on ${normals} demo images, student included: ` +
        `**${gib(peakMiB)} GiB** (target ≤ ${gib(targetMiB)}).`,
      [
        [
          'image',
          'decode',
          'session',
          'draw',
          'encode',
          'end to end',
          'detector.onnx + decode',
          'ratio',
          'target',
          'cut model + decode',
          'ratio',
        ],
        ...measured.map(({ name, ratio, cutRatio, medians }): [string, ...string[]] => [
          name,
          ...['decode', 'session', 'draw', 'encode', 'whole'].map((part) => fixed(medians[part]!, 1)),
          fixed(medians['raw']!, 1),
          fixed(ratio),
          `≤ ${target}`,
          fixed(medians['cut']!, 1),
          fixed(cutRatio),
        ]),
      ],
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns peak memory of the process that trained, in MiB */
function trainApart(count: number, steps: number, out: string): number {
  return runBundled(path.join(import.meta.dirname, 'train.ts'), [demo, count, steps, out]).peakMiB;
}

function gib(mib: number): string {
  return fixed(mib / 1024);
}
