import type { Value } from '../graph/graph.ts';
import * as ops from '../graph/ops.ts';
import type { ParameterShapes } from '../graph/parameters.ts';
import type { Fusion } from './config.ts';

export interface Fused {
  /** [N, C, H, W] */
  readonly map: Value;
  /** [N, 1, H, W], 0 … 1. */
  readonly spatial?: Value;
  /** [N, C], 0 … 1. */
  readonly channel?: Value;
}

const spatialKernel = 7;
const hidden = (channels: number): number => Math.max(8, channels >> 2);

/** Shapes of the weights of one fusion, `prefix` before each name. */
export function hafmShapes(prefix: string, channels: number, fusion: Fusion): ParameterShapes {
  if (fusion === 'none') return {};
  const mixed: ParameterShapes = {
    [`${prefix}.mix.w`]: [channels, 2 * channels, 1, 1],
    [`${prefix}.mix.b`]: [channels],
    [`${prefix}.out.w`]: [channels, (fusion === 'full' ? 2 : 1) * channels, 1, 1],
    [`${prefix}.out.b`]: [channels],
  };
  const channel: ParameterShapes = {
    [`${prefix}.squeeze.w`]: [channels, hidden(channels)],
    [`${prefix}.excite.w`]: [hidden(channels), channels],
  };
  const spatial: ParameterShapes = {
    [`${prefix}.spatial.w`]: [1, 2, spatialKernel, spatialKernel],
    [`${prefix}.spatial.b`]: [1],
  };
  return {
    ...mixed,
    ...((fusion === 'channel' || fusion === 'full') && channel),
    ...((fusion === 'spatial' || fusion === 'full') && spatial),
  };
}

/**
 * Hybrid attention fusion of the student's map s and the bank's n, both [N, C, H, W]: u = conv1×1
 * [s; n], A_c = σ(MLP(avg u) + MLP(max u)), A_s = σ(conv7×7 [mean_c u; max_c u]), out = s + conv1×1
 * [A_c⊙u; A_s⊙u]. Our reconstruction after Electronics 2024, 13(20), 4125, with CBAM's two
 * attentions side by side. The last convolution starts at zero, so the first step is plain reverse
 * distillation.
 */
export function hafm(
  s: Value,
  n: Value,
  parameters: Readonly<Record<string, Value>>,
  prefix: string,
  fusion: Fusion,
): Fused {
  if (fusion === 'none') return { map: s };
  const p = (name: string): Value => parameters[`${prefix}.${name}`]!;
  const u = ops.conv(ops.concat([s, n], 1), p('mix.w'), p('mix.b'));
  const attended: Value[] = fusion === 'bank' ? [u] : [];
  let channel: Value | undefined;
  let spatial: Value | undefined;
  if (fusion === 'channel' || fusion === 'full') {
    const mlp = (v: Value): Value => ops.matMul(ops.relu(ops.matMul(v, p('squeeze.w'))), p('excite.w'));
    channel = ops.sigmoid(ops.add(mlp(ops.reduceMean(u, [2, 3])), mlp(ops.reduceMax(u, [2, 3]))));
    attended.push(ops.mul(u, ops.reshape(channel, [u.shape[0]!, u.shape[1]!, 1, 1])));
  }
  if (fusion === 'spatial' || fusion === 'full') {
    const planes = ops.concat([ops.reduceMean(u, [1], true), ops.reduceMax(u, [1], true)], 1);
    spatial = ops.sigmoid(ops.conv(planes, p('spatial.w'), p('spatial.b'), { pads: spatialKernel >> 1 }));
    attended.push(ops.mul(u, spatial));
  }
  const [first, second] = attended;
  const joined = second ? ops.concat([first!, second], 1) : first!;
  const map = ops.add(s, ops.conv(joined, p('out.w'), p('out.b')));
  return { map, ...(spatial && { spatial }), ...(channel && { channel }) };
}
