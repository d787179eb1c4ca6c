/** Trains on FOLDER to OUT as `nferd train` does by default; prints JSON: the seconds it took. */
import { trainOnFolder } from '../../src/services/train/trainOnFolder.ts';
import { ports, teachers } from './subject.ts';

const [folder, out] = process.argv.slice(2) as [string, string];
const clock = () => performance.now();
const start = clock();
await trainOnFolder({ folder, out }, teachers, ports, { clock });
console.log(JSON.stringify({ seconds: (clock() - start) / 1000 }));
