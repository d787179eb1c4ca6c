/** Trains on DEMO's first COUNT images, with a student of STEPS steps, to OUT. */
import { trainOn } from './subject.ts';

const [demo, count, steps, out] = process.argv.slice(2) as [string, string, string, string];
await trainOn(demo, Number(count), Number(steps), out);
