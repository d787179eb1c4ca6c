import os from 'node:os';
import type { EngineOptions } from '../protocol/engine.ts';
import { bundledProviders } from '../runtime/session.ts';
import type { EnginePorts } from '../services/enginePorts.ts';
import type { Teacher } from '../services/teacherStore.ts';

/** What the engine finds on this machine, as Markdown; what fails says how. */
export async function examine(
  options: EngineOptions,
  findTeacher: () => Promise<Teacher>,
  ports: EnginePorts,
): Promise<string> {
  const lines = [
    '## Engine',
    `- Node ${process.versions.node}, process ${process.pid}`,
    `- ${os.cpus().length} × ${os.cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    `- memory: ${gigabytes(os.freemem())} of ${gigabytes(os.totalmem())} free`,
    `- execution provider asked for: ${options.executionProvider}; threads: ${options.threads || 'all'}`,
    `- in this build: ${bundledProviders()
      .map(({ name }) => name)
      .join(', ')}`,
  ];
  try {
    const { spec, model, path } = await findTeacher();
    lines.push(`- teacher: ${spec.name} (${path}), checksum right`);
    const start = performance.now();
    const session = await ports.openSession(model, ports.compute);
    await session.release();
    lines.push(`- it loads on ${session.executionProvider} in ${Math.round(performance.now() - start)} ms`);
  } catch (error) {
    lines.push(`- **failed**: ${(error as Error).message}`);
  }
  return lines.join('\n');
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;
