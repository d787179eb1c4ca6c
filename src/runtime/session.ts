import * as ort from 'onnxruntime-node';
import type { DataType, Tensor } from '../graph/tensor.ts';
import { UserError } from '../services/errors.ts';
import type { OpenSession, Session, SessionOptions } from '../services/sessionPort.ts';
import { firstLine } from './fileErrors.ts';

// What a provider says on stderr before it fails comes again, in one line, as the error.
ort.env.logLevel = 'fatal';

/** The setting's names → onnxruntime's. */
const providerNames: Readonly<Record<string, string>> = {
  cpu: 'cpu',
  cuda: 'cuda',
  directml: 'dml',
  coreml: 'coreml',
  webgpu: 'webgpu',
};

/** What `auto` tries on each platform before the CPU. */
const automatic: Readonly<Record<string, readonly string[]>> = { linux: ['cuda'], win32: ['directml'], darwin: [] };

/** The execution providers that this build of onnxruntime has. */
export const bundledProviders = (): { readonly name: string; readonly bundled: boolean }[] =>
  ort.listSupportedBackends();

/** The providers tried for a setting, in order. */
export function candidates(setting: string): string[] {
  const known = new Set(bundledProviders().map(({ name }) => name));
  if (setting === 'auto')
    return [...(automatic[process.platform] ?? []).filter((name) => known.has(providerNames[name]!)), 'cpu'];
  if (!(setting in providerNames))
    throw new UserError(
      `execution provider "${setting}" is unknown; choose auto, ${Object.keys(providerNames).join(', ')}.`,
    );
  return [setting];
}

/** Why a provider does not work in this process; `auto` tries it once. */
export const brokenProviders = new Map<string, string>();

/** Opens a session with the first provider that works. */
export const openSession: OpenSession = async (model, options) => {
  const failures: string[] = [];
  const automatically = options.executionProvider === 'auto';
  for (const provider of candidates(options.executionProvider)) {
    if (automatically && brokenProviders.has(provider)) continue;
    try {
      return wrap(await create(model, provider, options), provider);
    } catch (error) {
      failures.push(`${provider}: ${firstLine(error)}`);
      if (provider !== 'cpu') brokenProviders.set(provider, firstLine(error));
    }
  }
  throw new UserError(
    `The model could not be loaded (${failures.join('; ')}). Set nferd.executionProvider to "cpu", or run the doctor.`,
  );
};

const create = (model: Uint8Array, provider: string, { threads }: SessionOptions): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(model, {
    executionProviders: [providerNames[provider]!],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Threads that spin while they wait take cores from decoding and from everyone else: a training step took 1.1–1.8× PyTorch's time, with this 0.94×.
    extra: { session: { intra_op: { spin_duration_us: '50' } } },
    ...(threads > 0 && { intraOpNumThreads: threads }),
  });

function wrap(session: ort.InferenceSession, executionProvider: string): Session {
  return {
    executionProvider,
    outputNames: session.outputNames,
    async run(feeds, outputs = session.outputNames) {
      const given = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
      const results = await session.run(given, outputs);
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(value)]));
    },
    release: () => session.release(),
  };
}

const toOrt = ({ dtype, data, dims }: Tensor): ort.Tensor =>
  new ort.Tensor(dtype as 'float32', data as Float32Array, [...dims]);

const fromOrt = (value: ort.Tensor): Tensor => ({
  dtype: value.type as DataType,
  dims: value.dims,
  data: value.data as Float32Array,
});
