import { Graph } from '../../graph/graph.ts';
import { encodeModel } from '../../graph/model.ts';
import * as ops from '../../graph/ops.ts';
import { float32 } from '../../graph/tensor.ts';
import type { OpenSession } from '../ports/sessionPort.ts';

/** The settings' names of onnxruntime's execution providers. */
export const executionProviders = ['cpu', 'cuda', 'directml', 'coreml', 'webgpu'] as const;

/** What became of a session on one execution provider. */
export interface ProviderTrial {
  readonly provider: string;
  readonly works: boolean;
  /** Why it doesn't, in one line. */
  readonly why?: string;
}

const side = 8;

/** A 3×3 convolution of ones and a ReLU on [1, 3, 8, 8]: of an image of ones, 27 inside. */
function tinyModel(): Uint8Array {
  const graph = new Graph('doctor');
  const image = graph.input('image', 'float32', [1, 3, side, side]);
  const ones = graph.constant(float32(new Float32Array(27).fill(1), [1, 3, 3, 3]));
  graph.output('sums', ops.relu(ops.conv(image, ones)));
  return encodeModel(graph);
}

/**
 * Runs a tiny model on each provider and looks at what it computes; being part of the build is not
 * enough.
 */
export async function tryProviders(providers: readonly string[], openSession: OpenSession): Promise<ProviderTrial[]> {
  const model = tinyModel();
  const image = float32(new Float32Array(3 * side * side).fill(1), [1, 3, side, side]);
  const trials: ProviderTrial[] = [];
  for (const provider of providers) {
    try {
      const session = await openSession(model, { executionProvider: provider, threads: 0 });
      try {
        const sums = (await session.run({ image }))['sums']!.data as Float32Array;
        const wrong = sums.find((sum) => Math.abs(sum - 27) > 1e-3);
        trials.push({
          provider,
          works: wrong === undefined,
          ...(wrong !== undefined && { why: `computes ${wrong} for 27` }),
        });
      } finally {
        await session.release();
      }
    } catch (error) {
      trials.push({ provider, works: false, why: reason(error) });
    }
  }
  return trials;
}

/** The provider's own words, without our advice and without the runtime's source positions. */
export function reason(error: unknown): string {
  const [line = ''] = (error as Error).message.split('\n');
  const own = /\(\w+: (.*)\)\. /.exec(line)?.[1] ?? line;
  return own.replace(/^\/\S+ .*? was false\. /, '').trim();
}
