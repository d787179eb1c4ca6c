import { sizeOf, type Tensor } from '../../graph/tensor.ts';
import { isOutOfMemory } from '../../services/cuda/cudaReasons.ts';
import type { Session } from '../../services/ports/sessionPort.ts';

type Run = Session['run'];

/**
 * Runs a batch in halves, and those in halves, where the device has no memory for it at once; later
 * batches start at the size that fitted. Of models with one input [N, …] whose outputs are all [N,
 * …]; others fail as they did.
 */
export function inHalves(run: Run): Run {
  let largest = Infinity;
  return async function halved(feeds, outputs): Promise<Record<string, Tensor>> {
    const [[name, batch] = [], ...others] = Object.entries(feeds);
    const count = batch?.dims[0] ?? 0;
    if (!name || !batch || others.length > 0 || count < 2) return run(feeds, outputs);
    if (count <= largest) {
      try {
        return await run(feeds, outputs);
      } catch (error) {
        if (!isOutOfMemory(error)) throw error;
        largest = Math.floor(count / 2);
      }
    }
    const size = Math.min(largest, Math.ceil(count / 2));
    const parts: Record<string, Tensor>[] = [];
    const sizes: number[] = [];
    for (let start = 0; start < count; start += size) {
      const end = Math.min(count, start + size);
      parts.push(await halved({ [name]: slice(batch, start, end) }, outputs));
      sizes.push(end - start);
    }
    return Object.fromEntries(
      Object.keys(parts[0]!).map((output) => [
        output,
        join(
          parts.map((part) => part[output]!),
          sizes,
          output,
        ),
      ]),
    );
  };
}

function slice({ dtype, data, dims }: Tensor, start: number, end: number): Tensor {
  const each = sizeOf(dims.slice(1));
  return {
    dtype,
    dims: [end - start, ...dims.slice(1)],
    data: data.subarray(start * each, end * each) as Tensor['data'],
  };
}

function join(parts: readonly Tensor[], sizes: readonly number[], name: string): Tensor {
  const first = parts[0]!;
  if (parts.some(({ dims }, i) => dims[0] !== sizes[i]))
    throw new Error(`output ${name} is not one of a batch: out of memory, and no smaller batch can help`);
  const data = new (first.data.constructor as Float32ArrayConstructor)(
    parts.reduce((sum, part) => sum + part.data.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    data.set(part.data as Float32Array, at);
    at += part.data.length;
  }
  return { dtype: first.dtype, dims: [sizes.reduce((sum, size) => sum + size, 0), ...first.dims.slice(1)], data };
}
