import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../services/ports/errors.ts';
import { Cancelled } from '../services/ports/progress.ts';
import { exitCode, type Context } from './context.ts';
import { detect, detectCommand } from './detect.ts';
import { doctor, doctorCommand } from './doctor.ts';
import { evaluate, evaluateCommand } from './evaluate.ts';
import { inspect, inspectCommand } from './inspect.ts';
import { label, labelCommand } from './label.ts';
import { teach, teachCommand } from './teach.ts';
import * as teacher from './teacher.ts';
import { train, trainCommand } from './train.ts';

/**
 * Runs one command line (without node and script).
 * @returns the exit code; every failure has been told in one line
 */
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
  const add = (name: string, parent: Command = program): Command =>
    parent.command(name).addOption(new Option('--verbose').hideHelp());
  const finish = (promise: Promise<number>) => promise.then((result) => void (code = result));

  trainCommand(add('train')).action((folder, options) => finish(train(folder, options, context)));
  detectCommand(add('detect')).action((images, options) => finish(detect(images, options, context)));
  evaluateCommand(add('evaluate')).action((folder, options) => finish(evaluate(folder, options, context)));
  inspectCommand(add('inspect')).action((folder, options) => finish(inspect(folder, options, context)));
  labelCommand(add('label')).action((folder, options) => finish(label(folder, options, context)));
  teachCommand(add('teach')).action((images, options) => finish(teach(images, options, context)));
  const teachers = add('teacher').description('the backbones that features come from');
  teacher.addCommand(add('add', teachers)).action((name, options) => finish(teacher.add(name, options, context)));
  teacher
    .importCommand(add('import', teachers))
    .action((file, options) => finish(teacher.importFile(file, options, context)));
  teacher.listCommand(add('list', teachers)).action(() => finish(teacher.list(context)));
  doctorCommand(add('doctor')).action((options) => finish(doctor(options, context, version)));

  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.normal : exitCode.error;
    return tell(error, argv.includes('--verbose'), context);
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
  say(`nferd: ${known || verbose ? line : `${line} (unexpected; --verbose shows where)`}`);
  if (verbose && error instanceof Error) say(error.stack ?? '');
  return exitCode.error;
}
