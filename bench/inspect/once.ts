/**
 * One inspection of FOLDER with DETECTOR in a process of its own; with `apart` its parts one after
 * the other. Prints JSON: what was done, seconds, milliseconds of its parts, memory by image.
 */
import { Inspections } from '../../src/services/inspect/inspections.ts';
import { clocked } from './apart.ts';
import { ports } from './subject.ts';

const [folder, detector, apart] = process.argv.slice(2) as [string, string, string?];
const timed = clocked(ports, apart === 'apart');
const clock = () => performance.now();
/** Resident bytes when so many images were done. */
const memory: [number, number][] = [];
const inspections = new Inspections(() => timed.ports);
const start = clock();
let first: number | undefined;
const { run } = await inspections.inspect(
  { folder, detector },
  {
    clock,
    onProgress({ phase, done }) {
      if (phase !== 'Inspecting') return;
      first ??= clock();
      if (done - (memory.at(-1)?.[0] ?? 0) >= 50) memory.push([done, process.memoryUsage.rss()]);
    },
  },
);
const seconds = (clock() - start) / 1000;
// Without reading the folder and opening the detector.
const lookingSeconds = first === undefined ? 0 : (clock() - first) / 1000;
inspections.close();
console.log(JSON.stringify({ ...run, seconds, lookingSeconds, parts: timed.spent, memory }));
