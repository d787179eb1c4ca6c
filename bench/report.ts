import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';

const folder = path.join(import.meta.dirname, 'results');

/** The middle value; of an even number the mean of both. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Shortened for a table. */
export const fixed = (value: number, digits = 2): string => value.toFixed(digits);

/** A line of a table whose last columns are a target and whether it was met. */
export type Line = readonly [what: string, measured: string, target: string, met: string];

export const line = (what: string, measured: string, target: string, met: boolean): Line => [
  what,
  measured,
  target,
  met ? 'yes' : 'no',
];

/** Where and with what a bench ran. */
export const machine = (command: string) => ({
  command,
  date: new Date().toISOString(),
  cpu: `${os.cpus()[0]!.model.trim()}, ${os.cpus().length} cores`,
  load: os.loadavg()[0]!,
  node: process.versions.node,
  onnxruntime: ort.env.versions.node ?? 'unknown',
});

/** A Markdown table; the first row is its head. */
export const table = ([head, ...body]: readonly (readonly string[])[]): string =>
  [head!, head!.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Writes bench/results/NAME.json, and NAME.md with one table of `rows` under an explanation. */
export function writeReport(
  name: string,
  result: { readonly machine: ReturnType<typeof machine> },
  text: string,
  rows: readonly (readonly [string, ...string[]])[],
): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
  const { command, date, cpu, load, node, onnxruntime } = result.machine;
  const where =
    `${cpu}; Node ${node}, ONNX Runtime ${onnxruntime}; load average ${fixed(load, 1)}; ` +
    `${date.slice(0, 10)}; \`${command}\``;
  writeFileSync(path.join(folder, `${name}.md`), `${text}\n\n${table(rows)}\n\n${where}\n`);
}
