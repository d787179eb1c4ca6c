import * as ort from 'onnxruntime-node';
import type { Graph } from '../../../src/graph/graph.ts';
import { encodeModel } from '../../../src/graph/model.ts';
import type { DataType, Tensor, TensorData } from '../../../src/graph/tensor.ts';

export type Feeds = Readonly<Record<string, Tensor>>;

/** A session over the graph's model, as a function from inputs to outputs. */
export async function compile(graph: Graph): Promise<(feeds: Feeds) => Promise<Record<string, Tensor>>> {
  const session = await ort.InferenceSession.create(encodeModel(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return async (feeds) => {
    const tensors = Object.entries(feeds).map(([name, { dtype, dims, data }]) => {
      return [name, new ort.Tensor(dtype, data as Float32Array, dims)] as const;
    });
    const outputs = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { type, dims, data }]) => {
        return [name, { dtype: type as DataType, dims, data: data as TensorData }];
      }),
    );
  };
}

/** Runs a graph once. */
export const run = async (graph: Graph, feeds: Feeds): Promise<Record<string, Tensor>> => (await compile(graph))(feeds);
