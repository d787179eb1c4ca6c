import os from 'node:os';
import { bundledProviders } from '../runtime/session.ts';
import { timeTeacher, tryProviders } from '../services/doctor.ts';
import type { EnginePorts } from '../services/enginePorts.ts';
import type { Teacher } from '../services/teacherStore.ts';

/** The settings' names of onnxruntime's providers. */
const providers = ['cpu', 'cuda', 'directml', 'coreml', 'webgpu'];

/** What the engine finds on this machine, as Markdown; what fails says how. */
export async function examine(findTeacher: () => Promise<Teacher>, ports: EnginePorts): Promise<string> {
  const { executionProvider, threads } = ports.compute;
  const bundled = bundledProviders().flatMap(({ name, bundled: here }) => (here ? [name] : []));
  const trials = await tryProviders(providers, ports.openSession);
  return [
    '## Engine',
    `- Node ${process.versions.node}, process ${process.pid}`,
    `- ${os.cpus().length} × ${os.cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    `- memory: ${gibibytes(os.freemem())} of ${gibibytes(os.totalmem())} free`,
    `- execution provider asked for: ${executionProvider}; threads: ${threads || 'all'}`,
    '',
    `## Execution providers (in this build: ${bundled.join(', ')})`,
    ...trials.map(({ provider, works, why }) => `- ${provider}: ${works ? 'works' : `no, ${why}`}`),
    '',
    '## Teacher',
    `- ${await speedOf(findTeacher, ports)}`,
  ].join('\n');
}

async function speedOf(findTeacher: () => Promise<Teacher>, ports: EnginePorts): Promise<string> {
  try {
    const teacher = await findTeacher();
    const speed = await timeTeacher(teacher, ports, () => performance.now());
    const { executionProvider, loadMs, imageMs } = speed;
    return `${teacher.spec.name} on ${executionProvider}: loads in ${loadMs.toFixed(0)} ms, one 256 px image takes ${imageMs.toFixed(1)} ms`;
  } catch (error) {
    return `**failed**: ${(error as Error).message}`;
  }
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
