import type { CudaPorts } from '../services/cuda/cudaRuntime.ts';
import type { EnginePorts } from '../services/ports/enginePorts.ts';
import type { Watch } from '../services/ports/progress.ts';
import type { SessionOptions } from '../services/ports/sessionPort.ts';
import type { DownloadPort } from '../services/ports/teacherPorts.ts';
import type { TeacherFolders } from '../services/teacher/teacherStore.ts';

/** What the commands get from the process they run in. */
export interface Context {
  readonly ports: (compute: SessionOptions) => EnginePorts;
  readonly teachers: TeacherFolders;
  readonly download: DownloadPort;
  readonly cuda: CudaPorts;
  readonly watch: Watch;
  /** One line (or several) of result, to stdout. */
  print(text: string): void;
  /** One line of news, to stderr. */
  say(text: string): void;
}

/** Exit codes, as the issue names them; 130 is the shell's for Ctrl-C. */
export const exitCode = { normal: 0, anomalous: 1, error: 2, stopped: 130 } as const;

export { slashed } from '../dataset/slashed.ts';
