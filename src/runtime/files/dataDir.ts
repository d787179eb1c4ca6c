import os from 'node:os';
import path from 'node:path';

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Where the user's teachers are kept: `teachers` in the platform's folder for an application's
 * data.
 */
export function teachersDir(
  machine: Machine = { platform: process.platform, home: os.homedir(), env: process.env },
): string {
  return pathOf(machine).join(dataDir(machine), 'teachers');
}

/**
 * The platform's folder for our data: `$XDG_DATA_HOME/nferd` (`~/.local/share/nferd`),
 * `~/Library/Application Support/nferd`, `%LOCALAPPDATA%\nferd`.
 */
export function dataDir(machine: Machine): string {
  const { platform, home, env } = machine;
  const { join, isAbsolute } = pathOf(machine);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'nferd');
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'nferd');
  // The XDG specification: a relative path is invalid and ignored.
  const xdg = env.XDG_DATA_HOME;
  return join(xdg && isAbsolute(xdg) ? xdg : join(home, '.local', 'share'), 'nferd');
}

const pathOf = ({ platform }: Machine) => (platform === 'win32' ? path.win32 : path.posix);
