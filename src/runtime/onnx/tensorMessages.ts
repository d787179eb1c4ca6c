import type { Tensor } from '../../graph/tensor.ts';

export type Tensors = Readonly<Record<string, Tensor>>;

/**
 * The memory of the tensors in a message from or to a session's thread: it moves, nothing is
 * copied.
 */
export function handedOver(message: unknown): ArrayBuffer[] {
  const { argument, value } = message as { argument?: Given; value?: Given };
  return [argument?.feeds, value?.feeds, value?.found]
    .flatMap((tensors) => Object.values(tensors ?? {}))
    .map(({ data }) => data.buffer as ArrayBuffer);
}

interface Given {
  readonly feeds?: Tensors;
  readonly found?: Tensors;
}

/** Memory that copies of tensors are made in, again and again. */
export class TensorCopies {
  readonly #spare = new Map<string, ArrayBufferLike>();

  /** Copies, to be handed over. */
  of(tensors: Tensors): Tensors {
    return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, this.#copy(name, tensor)]));
  }

  /** Takes copies back. */
  back(copies: Tensors): void {
    for (const [name, { data }] of Object.entries(copies)) this.#spare.set(name, data.buffer);
  }

  #copy(name: string, { data, ...rest }: Tensor): Tensor {
    const spare = this.#spare.get(name);
    this.#spare.delete(name);
    const buffer = spare && spare.byteLength >= data.byteLength ? spare : new ArrayBuffer(data.byteLength);
    new Uint8Array(buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    const Data = data.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => typeof data;
    return { ...rest, data: new Data(buffer, 0, data.length) };
  }
}
