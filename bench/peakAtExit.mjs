// node --import this file: when the program ends, the most bytes that it had resident go to the
// file NFERD_BENCH_PEAK.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  // Unlike getrusage's, of this program alone, not also of the process that it was forked from.
  // Linux has it, others have getrusage.
  let kilobytes = process.resourceUsage().maxRSS;
  try {
    kilobytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    // Not Linux.
  }
  writeFileSync(process.env['NFERD_BENCH_PEAK'], `${1024 * kilobytes}`);
});
