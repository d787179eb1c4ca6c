import { Command, CommanderError } from 'commander';
import { UserError } from '../services/errors.ts';
import { Cancelled } from '../services/progress.ts';
import { exitCode, type Context } from './context.ts';
import { detect, detectCommand } from './detect.ts';
import { train, trainCommand } from './train.ts';

/** Runs one command line (without node and script). @returns the exit code; every failure has been told in one line */
export async function run(argv: readonly string[], version: string, context: Context): Promise<number> {
  let code: number = exitCode.normal;
  const program = new Command('nferd')
    .description(
      'Visual anomaly detection: learns what is normal from normal images alone, and shows where an image is not.',
    )
    .version(version)
    .option('--verbose', 'show where an unexpected error came from')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.say(text.trimEnd().replace(/^error: /, 'nferd: ')),
    });
  const add = (name: string, parent: Command = program): Command => parent.command(name);
  const finish = (promise: Promise<number>) => promise.then((result) => void (code = result));

  trainCommand(add('train')).action((folder, options) => finish(train(folder, options, context)));
  detectCommand(add('detect')).action((images, options) => finish(detect(images, options, context)));

  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.normal : exitCode.error;
    return tell(error, program.opts<{ verbose?: boolean }>().verbose ?? argv.includes('--verbose'), context);
  }
}

function tell(error: unknown, verbose: boolean, { say, watch }: Context): number {
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = message.split('\n');
  if (error instanceof Cancelled || (error instanceof UserError && watch.signal?.aborted)) {
    say(`nferd: ${line}`);
    return exitCode.stopped;
  }
  const known = error instanceof UserError;
  say(`nferd: ${known || verbose ? line : `${line} (unexpected; --verbose before the command shows where)`}`);
  if (verbose && error instanceof Error) say(error.stack ?? '');
  return exitCode.error;
}
