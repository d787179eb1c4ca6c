import { float32 } from '../../graph/tensor.ts';
import { defaultConfig } from '../../nferd/config.ts';
import { executionProviders, reason, tryProviders } from '../provider/tryProviders.ts';
import { UserError } from '../ports/errors.ts';
import type { Files } from '../ports/disk.ts';
import { tryTeacher } from '../train/precision.ts';
import type { Clock } from '../ports/progress.ts';
import type { OpenSession, SessionOptions } from '../ports/sessionPort.ts';
import type { Sha256 } from '../ports/teacherPorts.ts';
import { listTeachers, resolveTeacher, type Teacher, type TeacherFolders } from '../teacher/teacherStore.ts';
import { defaultTeacher } from '../train/trainOnFolder.ts';

/** This process and its machine; src/runtime tells. */
export interface Machine {
  /** Names and versions, in the order to show them. */
  readonly versions: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What this process takes. */
  readonly residentBytes: number;
  /** Execution providers in this build of onnxruntime. */
  readonly bundledProviders: readonly string[];
}

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

export interface Examination {
  readonly sections: readonly Section[];
  /** Whether the teacher runs on the provider asked for. */
  readonly works: boolean;
}

interface DoctorPorts {
  readonly files: Files;
  readonly sha256: Sha256;
  readonly openSession: OpenSession;
  readonly compute: SessionOptions;
}

/** What the engine finds here, and how fast it is; what fails says how. */
export async function examine(
  machine: Machine,
  folders: TeacherFolders,
  ports: DoctorPorts,
  clock: Clock,
): Promise<Examination> {
  const { versions, platform, processor, cores, freeBytes, totalBytes, residentBytes, bundledProviders } = machine;
  const { executionProvider, threads } = ports.compute;
  const trials = await tryProviders(executionProviders, ports.openSession);
  const speed = await speedText(folders, ports, clock);
  const teachers = await listTeachers(folders, ports.files);
  const sections = [
    { title: 'Versions', lines: [...Object.entries(versions).map((named) => named.join(' ')), platform] },
    {
      title: 'Machine',
      lines: [
        `${cores} × ${processor}`,
        `${gibibytes(freeBytes)} of ${gibibytes(totalBytes)} memory free, ` +
          `this process takes ${gibibytes(residentBytes)}`,
        `asked for: execution provider ${executionProvider}, ${threads || 'all'} threads`,
      ],
    },
    {
      title: `Execution providers (in this build of onnxruntime: ${bundledProviders.join(', ')})`,
      lines: trials.map(({ provider, works, why }) => `${provider.padEnd(8)} ${works ? 'works' : `no: ${why}`}`),
    },
    { title: 'Speed', lines: [speed.text] },
    {
      title: 'Teachers',
      lines: [...teachers.map(({ name, origin }) => `${name} (${origin})`), `your own are kept in ${folders.user}`],
    },
  ];
  return { sections, works: speed.works };
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

async function speedText(folders: TeacherFolders, ports: DoctorPorts, clock: Clock) {
  try {
    const teacher = await resolveTeacher(defaultTeacher, folders, ports);
    const { executionProvider, loadMs, imageMs } = await timeTeacher(teacher, ports, clock);
    const times = `loads in ${loadMs.toFixed(0)} ms, one 256 px image takes ${imageMs.toFixed(1)} ms`;
    const compute = { ...ports.compute, executionProvider };
    const half = executionProvider === 'cpu' ? '' : await halfText(teacher, { ...ports, compute }, clock);
    return { works: true, text: `${teacher.spec.name} on ${executionProvider}: ${times}${half}` };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { works: false, text: `failed: ${error.message}` };
  }
}

/** What 16-bit floats give on a provider other than the processor. */
async function halfText(teacher: Teacher, ports: DoctorPorts, clock: Clock): Promise<string> {
  try {
    const trial = await tryTeacher(teacher, defaultConfig, ports, { clock });
    if (!trial) return '';
    const share = (100 * trial.difference).toPrecision(2);
    return (
      `; in 16-bit floats ${trial.speedUp.toFixed(2)} × as fast, features differ by up to ${share} % ` +
      '(nferd train --precision float16)'
    );
  } catch (error) {
    return `; in 16-bit floats it fails: ${reason(error)}`;
  }
}

/** For a terminal. */
export const plainText = (sections: readonly Section[]): string =>
  sections.map(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)].join('\n')).join('\n');

/** For an editor. */
export const markdown = (sections: readonly Section[]): string =>
  sections.map(({ title, lines }) => [`## ${title}`, ...lines.map((line) => `- ${line}`)].join('\n')).join('\n\n');

interface TeacherSpeed {
  readonly executionProvider: string;
  readonly loadMs: number;
  /** Median of one warm image of 256 × 256. */
  readonly imageMs: number;
}

/** How fast a teacher looks at one image. @throws UserError where it does not load */
async function timeTeacher(
  { model, spec }: Teacher,
  { openSession, compute }: { readonly openSession: OpenSession; readonly compute: SessionOptions },
  clock: Clock,
): Promise<TeacherSpeed> {
  const start = clock();
  const session = await openSession(model, compute);
  const loadMs = clock() - start;
  try {
    const image = float32(new Float32Array(3 * 256 * 256).fill(127), [1, 3, 256, 256]);
    const timesMs: number[] = [];
    for (let i = 0; i < 8; i++) {
      const from = clock();
      await session.run({ [spec.input.name]: image });
      // The first ones plan their memory.
      if (i >= 3) timesMs.push(clock() - from);
    }
    const imageMs = timesMs.sort((a, b) => a - b)[Math.floor(timesMs.length / 2)]!;
    return { executionProvider: session.executionProvider, loadMs, imageMs };
  } finally {
    await session.release();
  }
}
