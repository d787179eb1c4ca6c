/**
 * Trains an instant detector on DEMO's first COUNT images and prints JSON: each phase's share of
 * the time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { trainOn } from '../detect/subject.ts';

const [demo, count] = process.argv.slice(2) as [string, string];
/** What training calls its phases → what the table does. */
const names: Readonly<Record<string, string>> = {
  'Reading normal images': 'reading',
  'Building normal feature banks': 'banks',
  Calibrating: 'calibrating',
};
const folder = mkdtempSync(path.join(tmpdir(), 'nferd-bench-phases-'));
try {
  const spent: Record<string, number> = { reading: 0, banks: 0, calibrating: 0 };
  const start = performance.now();
  let last = start;
  await trainOn(demo, Number(count), 0, path.join(folder, 'detector'), {
    // What lies between two reports belongs to the second one's phase.
    onProgress({ phase }) {
      const now = performance.now();
      const name = names[phase];
      if (name) spent[name]! += now - last;
      last = now;
    },
  });
  const whole = performance.now() - start;
  console.log(JSON.stringify(Object.fromEntries(Object.entries(spent).map(([name, ms]) => [name, ms / whole]))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
