/** What commander knows of each command of `nferd`, for docs/cli.md. */
import { Command } from 'commander';
import { detectCommand } from '../../src/cli/detect.ts';
import { doctorCommand } from '../../src/cli/doctor.ts';
import { evaluateCommand } from '../../src/cli/evaluate.ts';
import { inspectCommand } from '../../src/cli/inspect.ts';
import { labelCommand } from '../../src/cli/label.ts';
import { teachCommand } from '../../src/cli/teach.ts';
import { addCommand, importCommand, listCommand } from '../../src/cli/teacher.ts';
import { trainCommand } from '../../src/cli/train.ts';
import { table } from './table.ts';

/** Every command, as `nferd --help` and `nferd teacher --help` list them. */
export const commands: Readonly<Record<string, (command: Command) => Command>> = {
  train: trainCommand,
  detect: detectCommand,
  evaluate: evaluateCommand,
  inspect: inspectCommand,
  label: labelCommand,
  teach: teachCommand,
  'teacher add': addCommand,
  'teacher import': importCommand,
  'teacher list': listCommand,
  doctor: doctorCommand,
};

/** Usage, and a table of arguments and options. */
export function commandReference(name: string): string {
  const parts = name.split(' ');
  const parent = parts.slice(0, -1).reduce((command, part) => command.command(part), new Command('nferd'));
  const command = commands[name]!(parent.command(parts.at(-1)!));
  const help = command.createHelp();
  // Else a page would take `<name>` for a tag.
  const text = (description: string) => description.replaceAll('<', '&lt;');
  const rows = [
    ...help
      .visibleArguments(command)
      .map((each) => [`\`${help.argumentTerm(each)}\``, text(help.argumentDescription(each))]),
    ...help
      .visibleOptions(command)
      .filter((option) => option.long !== '--help')
      .map((option) => [
        `\`${help.optionTerm(option)}\``,
        text(help.optionDescription(option)) + (option.mandatory ? ' (required)' : ''),
      ]),
  ];
  const usage = `\`\`\`text\n${help.commandUsage(command)}\n\`\`\``;
  return rows.length > 0 ? `${usage}\n\n${table(['', 'what'], rows)}` : usage;
}
