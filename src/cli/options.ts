import { InvalidArgumentError, Option, type Command } from 'commander';
import { executionProviders } from '../services/provider/tryProviders.ts';
import type { SessionOptions } from '../services/ports/sessionPort.ts';

/** As the setting `nferd.executionProvider` has them. */
const providers = ['auto', ...executionProviders];

/** A number from `low` to `high`. */
export const number = (low: number, high = Infinity, whole = true) => {
  const kind = whole ? 'a whole number' : 'a number';
  const range = high === Infinity ? `of at least ${low}` : `from ${low} to ${high}`;
  return (text: string): number => {
    const value = Number(text);
    const fits = text.trim() !== '' && value >= low && value <= high && (!whole || Number.isSafeInteger(value));
    if (!fits) throw new InvalidArgumentError(`It must be ${kind} ${range}.`);
    return value;
  };
};

/** A share between 0 and 1, both excluded. */
export function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It must lie between 0 and 1, such as 0.05.');
  return value;
}

export interface ComputeOptions {
  readonly threads: number;
  readonly provider: string;
}

/** How models are run. */
export const withCompute = (command: Command): Command =>
  command
    .addOption(
      new Option('--provider <name>', 'execution provider; auto: the GPU where one works, else cpu')
        .choices(providers)
        .default('auto'),
    )
    .option('--threads <n>', 'threads inside an operator; 0: one per core', number(0, 1024), 0);

export const computeOf = ({ provider, threads }: ComputeOptions): SessionOptions => ({
  executionProvider: provider,
  threads,
});
