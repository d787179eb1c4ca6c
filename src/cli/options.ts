import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Rules } from '../verdict/rules.ts';
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

export interface RuleOptions {
  readonly smallestArea: number;
  readonly mostRegions?: number;
  readonly largestTotalArea?: number;
}

const area = number(0, 1e12, false);

/** What makes an image anomalous beside its score. Areas are in square pixels of the image. */
export const withRules = (command: Command): Command =>
  command
    .option('--smallest-area <px²>', 'a region with a smaller area does not count for the next two', area, 0)
    .option('--most-regions <n>', 'an image with more regions is anomalous, whatever its score', number(0))
    .option('--largest-total-area <px²>', 'so is one whose regions have a larger area together', area);

export const rulesOf = ({ smallestArea, mostRegions, largestTotalArea }: RuleOptions): Rules => ({
  smallestArea,
  mostRegions: mostRegions ?? null,
  largestTotalArea: largestTotalArea ?? null,
});
