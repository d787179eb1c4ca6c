import type { Value } from '../graph/graph.ts';
import * as ops from '../graph/ops.ts';
import type { ParameterShapes } from '../graph/parameters.ts';
import { float32, zeros, type Tensor } from '../graph/tensor.ts';
import type { StudentConfig } from './config.ts';
import { hafm, hafmShapes, type Fused } from './hafm.ts';
import type { Triple } from './teacher/spec.ts';

type Parameters = Readonly<Record<string, Value>>;

/**
 * Shapes of one view's bottleneck, decoder and fusions for a teacher of `channels` at strides 4, 8,
 * 16.
 */
export function studentShapes(channels: Triple<number>, config: StudentConfig): ParameterShapes {
  const { widths, embedding, fusion } = config;
  const [w1, w2, w3] = widths;
  const conv = (name: string, out: number, into: number, kernel: number): ParameterShapes => ({
    [`${name}.w`]: [out, into, kernel, kernel],
    [`${name}.b`]: [out],
  });
  const block = (name: string, width: number): ParameterShapes => ({
    ...conv(`${name}.a`, width, width, 3),
    ...conv(`${name}.z`, width, width, 3),
  });
  const stage = (at: 1 | 2 | 3, width: number, from: number): ParameterShapes => ({
    ...conv(`up${at}`, width, from, 1),
    ...block(`block${at}`, width),
    ...conv(`head${at}`, channels[at - 1]!, width, 1),
  });
  return {
    ...conv('down1', w2, channels[0], 3),
    ...conv('down1b', w3, w2, 3),
    ...conv('down2', w3, channels[1], 3),
    ...conv('merge', w3, 2 * w3 + channels[2], 1),
    ...conv('embed', embedding, w3, 3),
    ...block('code', embedding),
    ...stage(3, w3, embedding),
    ...stage(2, w2, w3 + channels[2]),
    ...stage(1, w1, w2 + channels[1]),
    // Last, so that the same seed starts bottleneck and decoder alike whatever the fusion.
    ...hafmShapes('hafm3', channels[2], fusion),
    ...hafmShapes('hafm2', channels[1], fusion),
    ...hafmShapes('hafm1', channels[0], fusion),
  };
}

/**
 * Initial weights: He's normal for convolutions before a ReLU, zeros for biases, for the last
 * convolution of each residual block (Fixup: no normalisation layers are then needed) and for
 * HAFM's last convolution.
 * @param normal standard normal numbers
 */
export function initialWeights(shapes: ParameterShapes, normal: () => number): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, dims]) => {
      if (name.endsWith('.b') || name.endsWith('.z.w') || name.endsWith('.out.w')) return [name, zeros(dims)];
      const matrix = dims.length === 2;
      const fanIn = matrix ? dims[0]! : dims.slice(1).reduce((product, dim) => product * dim, 1);
      const gain = name.startsWith('head') || name.includes('.mix') ? 1 : 2;
      const scale = Math.sqrt(gain / fanIn);
      const count = dims.reduce((product, dim) => product * dim, 1);
      return [
        name,
        float32(
          Float32Array.from({ length: count }, () => normal() * scale),
          dims,
        ),
      ];
    }),
  );
}

/**
 * Bottleneck and decoder on the teacher's standardised maps [N, C_k, H/stride, W/stride]. The maps
 * meet at stride 16, are embedded at stride 32 and rebuilt at 16, 8 and 4 with nothing passed
 * around the bottleneck (Deng & Li 2022, RD4AD). At each stage the head's map is fused with the
 * bank's, and the fused map feeds the next stage.
 * @param retrieved what the banks answer at each stage, of the stage's shape
 * @returns per stage (strides 4, 8, 16) the rebuilt map and its attention
 */
export function student(
  maps: Triple<Value>,
  retrieved: Triple<Value>,
  parameters: Parameters,
  config: StudentConfig,
): Triple<Fused> {
  const conv = (name: string, x: Value, stride = 1): Value => {
    const weight = parameters[`${name}.w`]!;
    return ops.conv(x, weight, parameters[`${name}.b`]!, { stride, pads: Number(weight.shape[2]) >> 1 });
  };
  /** The rest of a residual block on x, whose first convolution gave `a`. */
  const rest = (name: string, x: Value, a: Value): Value => ops.relu(ops.add(x, conv(`${name}.z`, ops.relu(a))));
  const block = (name: string, x: Value): Value => rest(name, x, conv(`${name}.a`, x));
  const stage = (at: 1 | 2 | 3, x: Value): { features: Value; fused: Fused } => {
    // A 1×1 convolution and a repetition commute; before it there are a quarter of the positions.
    const narrow = ops.relu(conv(`up${at}`, x));
    const { repeated, y } = ops.repeatAndConv(narrow, parameters[`block${at}.a.w`]!, parameters[`block${at}.a.b`]);
    const features = rest(`block${at}`, repeated, y);
    return {
      features,
      fused: hafm(conv(`head${at}`, features), retrieved[at - 1]!, parameters, `hafm${at}`, config.fusion),
    };
  };
  const fine = ops.relu(conv('down1b', ops.relu(conv('down1', maps[0], 2)), 2));
  const middle = ops.relu(conv('down2', maps[1], 2));
  const merged = ops.relu(conv('merge', ops.concat([fine, middle, maps[2]], 1)));
  const code = block('code', ops.relu(conv('embed', merged, 2)));
  const third = stage(3, code);
  const second = stage(2, ops.concat([third.features, third.fused.map], 1));
  const first = stage(1, ops.concat([second.features, second.fused.map], 1));
  return [first.fused, second.fused, third.fused];
}
