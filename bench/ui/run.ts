// From the click on *Detect anomalies* to the map on screen, in a real VS Code with the engine warm: npm run bench:ui
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { detectAnomalies } from '../../test/e2e/suite/anomalyView.ts';
import { clickToMapMs, noteClicks } from '../../test/e2e/suite/clock.ts';
import { detectorFolder, prepare, train } from '../../test/e2e/suite/prepare.ts';
import { fixed, machine, median, writeReport } from '../report.ts';
import { delaysDuring, installProbe } from './probe.ts';

const rounds = 15;
const targets = { medianMs: 400, blockedMs: 20 };
const started = machine('npm run bench:ui');
const temporary = await mkdtemp(path.join(tmpdir(), 'nferd-bench-ui-'));
const report = path.join(temporary, 'delays.json');
const { code, dispose } = await prepare({
  name: 'bench-ui',
  env: { NFERD_PROBE: report },
  before: (folder) => train(folder, detectorFolder(folder, 'flange')),
});
try {
  await installProbe(code, path.join(temporary, 'probe'));
  await noteClicks(code.page);
  // Starts the engine and shows a first view. Every later image is another one: none has been detected before.
  for (const name of ['good/000', 'stain/002']) await detectAnomalies(code, `flange/test/${name}.jpg`);

  const times: number[] = [];
  const delays = await delaysDuring(code, report, async () => {
    for (let index = 0; index < rounds; index++) {
      const frame = await detectAnomalies(code, `flange/train/good/${String(index).padStart(3, '0')}.jpg`);
      times.push(await clickToMapMs(code.page, frame));
      console.log(`${index + 1}/${rounds}  ${fixed(times.at(-1)!, 0)} ms`);
    }
  });
  const sorted = times.toSorted((a, b) => a - b);
  const result = { medianMs: median(times), p90Ms: sorted[Math.ceil(0.9 * rounds) - 1]!, leastMs: sorted[0]! };
  const loads = [started.load, loadavg()[0]!];
  writeReport(
    'ui',
    { machine: { ...started, load: loads[1]! }, loads, targets, times, delays, ...result } as never,
    `From the click on *Detect anomalies* to the map on the canvas: a real VS Code (code-server in Chromium, software rendering, which
shares the processor), an instant detector, images of 320 × 320, the engine warm, ${rounds} images that were never detected before.
The event loop's delays are those of the whole extension host as seen by a second extension, waiting for a core included.
Load average ${loads.map((load) => fixed(load, 1)).join(' before, ')} after.`,
    [
      ['what', 'ms', 'target'],
      ['median', fixed(result.medianMs, 0), `≤ ${targets.medianMs}`],
      ['p90', fixed(result.p90Ms, 0), ''],
      ['fastest', fixed(result.leastMs, 0), ''],
      ['extension host: longest delay of its event loop', fixed(delays.max, 1), `≤ ${targets.blockedMs}`],
      ['extension host: p99 of the delays', fixed(delays.p99, 1), ''],
    ],
  );
  console.log(result, delays);
} finally {
  await dispose();
  await rm(temporary, { recursive: true, force: true });
}
