import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { paths } from './paths.ts';
import { until } from './until.ts';

/** Where one server keeps everything of its own. */
export interface ServerOptions {
  readonly userData: string;
  readonly extensions: string;
  /** Added to the environment of the server and so of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Server {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** Ends the server and all that it started: extension hosts, and our engine under them. */
  stop(): Promise<void>;
}

/**
 * Variables by which a test runner, npm, a surrounding VS Code or a shell would steer code-server.
 */
const foreign = /^(NODE_|npm_|VSCODE_|CODE_SERVER_|PORT$|(HASHED_)?PASSWORD$)/;

function environment({ userData, env }: ServerOptions): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))),
    EXTENSIONS_GALLERY: '{}', // no gallery: the tests use the loopback only
    CODE_SERVER_CONFIG: path.join(userData, 'config.yaml'), // not the user's own
    ...env,
  };
}

function serverArguments({ userData, extensions }: ServerOptions): string[] {
  return [paths.codeServer, '--user-data-dir', userData, '--extensions-dir', extensions];
}

/**
 * Installs a packaged extension, as a user would; an unpacked folder copied there would not be
 * picked up.
 */
export async function installVsix(vsix: string, options: ServerOptions): Promise<void> {
  const command = [...serverArguments(options), '--install-extension', path.resolve(vsix)];
  await promisify(execFile)(paths.node, command, { env: environment(options) });
}

/** Starts code-server on a free port. What it prints goes to `logFile`. */
export async function startServer(options: ServerOptions, logFile: string): Promise<Server> {
  const flags = ['--auth', 'none', '--bind-addr', '127.0.0.1:0', '--disable-telemetry', '--disable-update-check'];
  // A process group of its own, so that one signal reaches the whole family.
  const child = spawn(paths.node, [...serverArguments(options), ...flags], {
    env: environment(options),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logFile);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      log.write(chunk);
    });
  }
  const exited = once(child, 'exit');
  const signal = (name: NodeJS.Signals): boolean => {
    try {
      return process.kill(-child.pid!, name);
    } catch {
      return false; // nobody left in the group
    }
  };
  const killNow = (): void => void signal('SIGKILL');
  // The test runner ends a file that takes too long by SIGTERM, which runs no `exit` listener
  // unless asked to.
  const exitNow = (): never => process.exit(143);
  process.on('exit', killNow).on('SIGTERM', exitNow);

  const stop = async (): Promise<void> => {
    signal('SIGTERM');
    const gone = async (): Promise<boolean> => !signal('SIGTERM');
    await until('the server to end', gone, 3_000).catch(killNow);
    await exited;
    log.end();
    process.off('exit', killNow).off('SIGTERM', exitNow);
  };

  try {
    const url = await until('code-server to listen', async () => {
      if (child.exitCode !== null) throw new Error(`code-server ended with ${child.exitCode}:\n${printed}`);
      return /listening on (http:\/\/127\.0\.0\.1:\d+\/)/.exec(printed)?.[1];
    });
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
