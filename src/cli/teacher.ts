import { InvalidArgumentError, type Command } from 'commander';
import type { Triple } from '../nferd/teacher/spec.ts';
import { probeModel } from '../runtime/onnx/teacherProbe.ts';
import { addableTeachers, addTeacher, modelHub } from '../services/teacher/teacherAdd.ts';
import { importTeacher } from '../services/teacher/teacherImport.ts';
import type { DownloadProgress } from '../services/ports/teacherPorts.ts';
import { listTeachers, resolveTeacher, type Teacher } from '../services/teacher/teacherStore.ts';
import { exitCode, type Context } from './context.ts';

/** Teachers run nothing but a probe on the CPU. */
const compute = { executionProvider: 'cpu', threads: 0 };

export interface AddOptions {
  readonly baseUrl?: string;
  readonly sha256?: string;
}

export const addCommand = (command: Command): Command =>
  command
    .description('fetch official ImageNet weights; an interrupted download is resumed')
    .argument('<name>', addableTeachers.join(' or '))
    .option('--base-url <url>', `a mirror of ${modelHub}`)
    .option('--sha256 <digits>', "what the weights' file must have");

/** Fetches a teacher. @throws UserError */
export async function add(name: string, options: AddOptions, { ports, teachers, watch, ...context }: Context) {
  const teacher = await addTeacher(
    name,
    {
      ...options,
      folder: teachers.user,
      ...(watch.signal && { signal: watch.signal }),
      onProgress: downloading(watch),
    },
    { ...ports(compute), download: context.download },
  );
  const checks = { user: 'as you gave it', server: 'as the server announced it', nobody: 'checked against nothing' };
  const { sha256, verifiedBy } = teacher.download;
  context.print(`${teacherText(teacher)}\n  downloaded sha256 ${sha256}, ${checks[verifiedBy]}`);
  return exitCode.normal;
}

const mebibytes = (bytes: number): number => Math.round((10 * bytes) / 2 ** 20) / 10;

const downloading =
  ({ onProgress }: Context['watch']) =>
  ({ receivedBytes, totalBytes = Infinity, bytesPerSecond, secondsLeft }: DownloadProgress): void =>
    onProgress?.({
      phase: 'Downloading (MiB)',
      done: mebibytes(receivedBytes),
      total: mebibytes(totalBytes),
      rate: bytesPerSecond / 2 ** 20,
      ...(secondsLeft !== undefined && { remainingMs: 1000 * secondsLeft }),
    });

export interface ImportOptions {
  readonly name?: string;
  readonly outputs?: readonly string[];
  readonly mean?: Triple<number>;
  readonly scale?: Triple<number>;
  readonly licence?: string;
}

export const importCommand = (command: Command): Command =>
  command
    .description('make a teacher of an ONNX backbone with maps at strides 4, 8 and 16')
    .argument('<file>', 'an ONNX file')
    .option('--name <name>', "the teacher's name (default: the file's)")
    .option('--outputs <a,b,c>', 'the three maps, where strides do not tell them', (text) => text.split(','))
    .option('--mean <r,g,b>', 'subtracted from pixels of 0 … 255 (default: ImageNet’s)', three)
    .option('--scale <r,g,b>', 'then divided by (default: ImageNet’s)', three)
    .option('--licence <text>', "the weights' licence");

/** Imports a teacher. @throws UserError */
export async function importFile(file: string, options: ImportOptions, { ports, teachers, ...context }: Context) {
  const { assumedNormalisation, taken, ...teacher } = await importTeacher(
    { ...options, file, folders: teachers },
    { ...ports(compute), probe: probeModel },
  );
  context.print(`${teacherText(teacher)}\n  maps ${taken.join(', ')}`);
  if (assumedNormalisation)
    context.say("note: ImageNet's mean and scale were assumed. Give --mean and --scale where the model wants others.");
  return exitCode.normal;
}

export const listCommand = (command: Command): Command => command.description('the teachers that are installed');

/** Lists the teachers; one that is damaged says so. */
export async function list({ ports, teachers, ...context }: Context): Promise<number> {
  const found = await listTeachers(teachers, ports(compute).files);
  let code: number = exitCode.normal;
  for (const { name, origin } of found) {
    try {
      context.print(`${teacherText(await resolveTeacher(name, teachers, ports(compute)))} (${origin})`);
    } catch (error) {
      context.say(`nferd: ${(error as Error).message}`);
      code = exitCode.error;
    }
  }
  const missing = addableTeachers.filter((name) => !found.some((teacher) => teacher.name === name));
  if (missing.length > 0) context.print(`To be had with "nferd teacher add": ${missing.join(', ')}`);
  return code;
}

const teacherText = ({ spec }: Teacher): string =>
  `${spec.name}: ` +
  `${spec.outputs.map(({ channels, stride }) => `${channels} channels at stride ${stride}`).join(', ')}; ` +
  `licence ${spec.licence}`;

function three(text: string): Triple<number> {
  const values = text.split(',').map(Number);
  if (values.length !== 3 || !values.every(Number.isFinite))
    throw new InvalidArgumentError('It must be three numbers, such as 123.7,116.3,103.5.');
  return values as unknown as Triple<number>;
}
