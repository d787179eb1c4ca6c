/** Trains on DEMO's first COUNT images with a student of STEPS steps, then prints the process's peak memory in bytes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { trainOn } from './subject.ts';

const [demo, count, steps] = process.argv.slice(2) as [string, string, string];
const folder = mkdtempSync(path.join(tmpdir(), 'nferd-bench-memory-'));
try {
  await trainOn(demo, Number(count), Number(steps), path.join(folder, 'detector'));
  console.log(process.resourceUsage().maxRSS * 1024);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
