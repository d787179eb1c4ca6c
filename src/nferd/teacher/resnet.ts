import { add, conv, maxPool, relu } from '../../graph/ops.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { encodeModel } from '../../graph/model.ts';
import { float32 } from '../../graph/tensor.ts';
import { readFloats, type SafeTensor } from './safetensors.ts';
import { teacherStrides, type TeacherOutput, type Triple } from './spec.ts';

/**
 * The first three stages of a ResNet as torchvision and timm build and name it (v1.5: the stride is
 * in the 3×3).
 */
export interface Resnet {
  readonly block: 'basic' | 'bottleneck';
  readonly blocks: Triple<number>;
  /**
   * Channels inside a bottleneck of the first stage; 64 in ResNet-50, twice that in the wide one.
   */
  readonly innerWidth: number;
}

export const resnets = {
  resnet18: { block: 'basic', blocks: [2, 2, 2], innerWidth: 64 },
  wide_resnet50_2: { block: 'bottleneck', blocks: [3, 4, 6], innerWidth: 128 },
} as const satisfies Record<string, Resnet>;

/** Gives a tensor of the checkpoint by name, having checked its shape. */
export type Weights = (name: string, shape: readonly number[]) => Float32Array;

export interface BuiltTeacher {
  /** ONNX: `image` [N, 3, H, W] → `stage1`…`stage3`, the outputs of layer1…layer3. */
  readonly model: Uint8Array;
  readonly outputs: Triple<TeacherOutput>;
  readonly parameters: number;
}

const batchNormEpsilon = 1e-5;

/**
 * Weights out of a safetensors file; throws one line naming the tensor that is missing or has
 * another shape.
 */
export function weightsFrom(tensors: ReadonlyMap<string, SafeTensor>, origin: string): Weights {
  return (name, shape) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`${origin}: no tensor "${name}". This is not the checkpoint it should be.`);
    if (tensor.shape.join() !== shape.join()) {
      throw new Error(
        `${origin}: tensor "${name}" has shape [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`,
      );
    }
    return readFloats(name, tensor);
  };
}

/**
 * The frozen network up to layer3, batch norms folded into the convolutions. H and W: any multiples
 * of 16.
 */
export function buildResnet(name: string, { block, blocks, innerWidth }: Resnet, weights: Weights): BuiltTeacher {
  const graph = new Graph(name);
  let parameters = 0;

  /** Convolution `at` and batch norm `norm`: w′ = w·γ/√(σ²+ε), b′ = β − μ·γ/√(σ²+ε). */
  function convNorm(x: Value, at: string, norm: string, out: number, kernel: number, stride = 1): Value {
    const shape = [out, channelsOf(x), kernel, kernel];
    const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
      weights(`${norm}.${part}`, [out]),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const gain = gamma.map((value, channel) => value / Math.sqrt(variance[channel]! + batchNormEpsilon));
    const size = channelsOf(x) * kernel * kernel;
    const weight = weights(`${at}.weight`, shape).map((value, index) => value * gain[Math.floor(index / size)]!);
    const bias = beta.map((value, channel) => value - mean[channel]! * gain[channel]!);
    parameters += weight.length + bias.length;
    const [w, b] = [
      graph.constant(float32(weight, shape), `${at}.weight`),
      graph.constant(float32(bias), `${at}.bias`),
    ];
    return conv(x, w, b, { stride, pads: (kernel - 1) / 2 });
  }

  function shortcut(x: Value, at: string, out: number, stride: number): Value {
    if (stride === 1 && channelsOf(x) === out) return x;
    return convNorm(x, `${at}.downsample.0`, `${at}.downsample.1`, out, 1, stride);
  }

  const bodies = {
    basic(x: Value, at: string, stage: number, stride: number): Value {
      const out = 64 << stage;
      const y = relu(convNorm(x, `${at}.conv1`, `${at}.bn1`, out, 3, stride));
      return add(convNorm(y, `${at}.conv2`, `${at}.bn2`, out, 3), shortcut(x, at, out, stride));
    },
    bottleneck(x: Value, at: string, stage: number, stride: number): Value {
      const [inner, out] = [innerWidth << stage, 256 << stage];
      const y = relu(convNorm(x, `${at}.conv1`, `${at}.bn1`, inner, 1));
      const z = relu(convNorm(y, `${at}.conv2`, `${at}.bn2`, inner, 3, stride));
      return add(convNorm(z, `${at}.conv3`, `${at}.bn3`, out, 1), shortcut(x, at, out, stride));
    },
  };

  const image = graph.input('image', 'float32', ['N', 3, 'H', 'W']);
  let x = maxPool(relu(convNorm(image, 'conv1', 'bn1', 64, 7, 2)), 3, { stride: 2, pads: 1 });
  const outputs = blocks.map((count, stage): TeacherOutput => {
    for (let index = 0; index < count; index++) {
      x = relu(bodies[block](x, `layer${stage + 1}.${index}`, stage, stage && !index ? 2 : 1));
    }
    graph.output(`stage${stage + 1}`, x);
    return { name: `stage${stage + 1}`, stride: teacherStrides[stage]!, channels: channelsOf(x) };
  });
  return { model: encodeModel(graph), outputs: [outputs[0]!, outputs[1]!, outputs[2]!], parameters };
}

const channelsOf = (x: Value) => x.shape[1] as number;
