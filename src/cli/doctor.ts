import os from 'node:os';
import type { Command } from 'commander';
import { bundledProviders } from '../runtime/session.ts';
import { timeTeacher, tryProviders } from '../services/doctor.ts';
import { UserError } from '../services/errors.ts';
import { listTeachers, resolveTeacher } from '../services/teacherStore.ts';
import { exitCode, type Context } from './context.ts';
import { computeOf, defaultTeacher, executionProviders, withCompute, type ComputeOptions } from './options.ts';
import { versionOf } from './versions.ts';

export const doctorCommand = (command: Command): Command =>
  withCompute(command.description('what works on this machine, and how fast'));

/** Prints what the engine finds here. @returns 2 where the teacher or the provider asked for can't run */
export async function doctor(options: ComputeOptions, context: Context, version: string): Promise<number> {
  const ports = context.ports(computeOf(options));
  const section = (title: string, lines: readonly string[]): void => {
    context.print([title, ...lines.map((line) => `  ${line}`)].join('\n'));
  };
  section('Versions', [
    `nferd ${version}`,
    ...['onnxruntime-node', 'sharp'].map((name) => `${name} ${versionOf(name, import.meta.url)}`),
    `node ${process.versions.node} on ${process.platform}-${process.arch}`,
  ]);
  section('Machine', [
    `${os.cpus().length} × ${os.cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    `${gibibytes(os.freemem())} of ${gibibytes(os.totalmem())} memory free, this process takes ${gibibytes(process.memoryUsage().rss)}`,
  ]);
  const bundled = bundledProviders().flatMap(({ name, bundled }) => (bundled ? [name] : []));
  const trials = await tryProviders(
    executionProviders.filter((name) => name !== 'auto'),
    ports.openSession,
  );
  section(`Execution providers (in this build of onnxruntime: ${bundled.join(', ')})`, [
    ...trials.map(({ provider, works, why }) => `${provider.padEnd(8)} ${works ? 'works' : `no: ${why}`}`),
  ]);
  let code: number = exitCode.normal;
  const speed: string[] = [];
  try {
    const teacher = await resolveTeacher(defaultTeacher, context.teachers, ports);
    const { executionProvider, loadMs, imageMs } = await timeTeacher(teacher, ports, context.watch.clock);
    speed.push(
      `${teacher.spec.name} on ${executionProvider}: loads in ${loadMs.toFixed(0)} ms, one 256 px image takes ${imageMs.toFixed(1)} ms`,
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    speed.push(`failed: ${error.message}`);
    code = exitCode.error;
  }
  section('Speed', speed);
  const teachers = await listTeachers(context.teachers, ports.files);
  section('Teachers', [
    ...teachers.map(({ name, origin }) => `${name} (${origin})`),
    `your own are kept in ${context.teachers.user}`,
  ]);
  return code;
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
