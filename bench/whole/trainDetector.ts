/**
 * Trains an instant detector on the first COUNT normal images of a data set, to OUT, and prints the
 * seconds that took, without the start of the process.
 */
import { dataSet, detectorOf } from '../inspect/subject.ts';

const [data, count, out] = process.argv.slice(2) as [string, string, string];
const { normals } = dataSet(data, Number(count));
const start = performance.now();
await detectorOf(normals, out);
console.log((performance.now() - start) / 1000);
