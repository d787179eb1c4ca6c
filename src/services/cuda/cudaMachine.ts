/** What the machine has of NVIDIA's, and whether its driver is new enough. */

export interface Gpu {
  readonly name: string;
  readonly memoryMiB: number;
}

export interface CudaMachine {
  /** `linux-x64` and so on. */
  readonly target: string;
  readonly gpus: readonly Gpu[];
  /** Such as `550.54.15`; absent where there is none. */
  readonly driver?: string;
}

/** Oldest driver for a CUDA major version (NVIDIA's table of minor-version compatibility). */
const oldestDrivers: Readonly<Record<number, { readonly linux: string; readonly win32: string }>> = {
  12: { linux: '525.60.13', win32: '527.41' },
  13: { linux: '580.65.06', win32: '580.88' },
};

/** The oldest driver that a CUDA major version runs on, where it is known. */
export const oldestDriver = (cudaMajor: number, platform: string): string | undefined =>
  oldestDrivers[cudaMajor]?.[platform === 'win32' ? 'win32' : 'linux'];

/** Whether version `a` is older than `b`, part by part. */
export function isOlder(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/**
 * Reads `nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader,nounits`;
 * anything else yields nothing.
 */
export function parseSmi(text: string): { readonly gpus: readonly Gpu[]; readonly driver?: string } {
  const lines = text.split('\n').flatMap((line) => {
    const [, name, memory, driver] = /^(.+), *(\d+|\[N\/A\]), *([\d.]+)\s*$/.exec(line) ?? [];
    return name && driver ? [{ name: name.trim(), memoryMiB: Number(memory) || 0, driver }] : [];
  });
  const driver = lines[0]?.driver;
  return { gpus: lines.map(({ name, memoryMiB }) => ({ name, memoryMiB })), ...(driver && { driver }) };
}

/** The driver's version in the text of /proc/driver/nvidia/version. */
export const parseDriverFile = (text: string): string | undefined =>
  /^NVRM version:.*?\s(\d{3,}\.\d+(?:\.\d+)?)\s/m.exec(text)?.[1];
