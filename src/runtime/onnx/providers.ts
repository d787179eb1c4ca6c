import { UserError } from '../../services/ports/errors.ts';
import { reasonLine, cudaReason } from '../../services/cuda/cudaReasons.ts';
import { prepareCuda } from '../cuda/cudaProvider.ts';
import { ort } from './ort.ts';

/** The setting's names → onnxruntime's. */
export const providerNames: Readonly<Record<string, string>> = {
  cpu: 'cpu',
  cuda: 'cuda',
  directml: 'dml',
  coreml: 'coreml',
  webgpu: 'webgpu',
};

/**
 * What `auto` tries on each platform before the processor, in order; each must compute a small
 * model rightly first.
 */
const automatic: Readonly<Record<string, readonly string[]>> = {
  'linux-x64': ['cuda'],
  'win32-x64': ['directml', 'webgpu'],
  'win32-arm64': ['directml'],
  'darwin-arm64': ['coreml'],
};

/** The execution providers that this build of onnxruntime has. */
export const bundledProviders = (): { readonly name: string; readonly bundled: boolean }[] =>
  ort().listSupportedBackends();

/** The providers tried for a setting, in order. @throws UserError where it is none */
export function candidates(setting: string, target = `${process.platform}-${process.arch}`): string[] {
  if (setting === 'auto') return [...(automatic[target] ?? []), 'cpu'];
  if (!(setting in providerNames))
    throw new UserError(
      `execution provider "${setting}" is unknown; choose auto, ${Object.keys(providerNames).join(', ')}.`,
    );
  return [setting];
}

/** Why a provider does not work in this process, one line; `auto` tries it once. */
export const brokenProviders = new Map<string, string>();

type Listener = (line: string) => void;
let listener: Listener | undefined;
const told = new Set<string>();

/**
 * Who is told, once per provider, that `auto` does without it although the machine seems to have
 * it.
 */
export const onDidFallBack = (tell: Listener): void => void (listener = tell);

/**
 * Notes that a provider does not work; the first time `auto` gives up on one that ought to work,
 * the listener hears of it.
 */
export function giveUp(provider: string, why: string, expected: boolean): void {
  brokenProviders.set(provider, why);
  if (!expected || told.has(provider)) return;
  told.add(provider);
  listener?.(`${provider} is not used, the processor is: ${why} "nferd doctor" has the details.`);
}

/**
 * Makes a provider ready.
 * @returns why it can't work and whether the user would expect it to; undefined where nothing is
 * known against it
 */
export async function prepareProvider(
  provider: string,
): Promise<{ readonly why: string; readonly expected: boolean } | undefined> {
  if (provider !== 'cuda') return undefined;
  const reason = await prepareCuda(ort);
  // Who has no GPU expects no CUDA, and who has one may have chosen not to install it.
  return reason && { why: reasonLine(reason), expected: !['noGpu', 'unsupportedPlatform'].includes(reason.kind) };
}

/** A provider's failure in words for the user. */
export const providerFailure = (provider: string, message: string): string => {
  if (provider !== 'cuda') return message.split('\n')[0]!;
  const reason = cudaReason(message);
  return reason.kind === 'unknown' ? reason.text : reasonLine(reason);
};
