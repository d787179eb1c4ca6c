import type { ProbePort } from '../../services/ports/teacherPorts.ts';
import { ort } from './ort.ts';

/** Runs a model once, on the CPU, with every value 0.5. */
export const probeModel: ProbePort = async (model, input, shape) => {
  const session = await ort().InferenceSession.create(model, { logSeverityLevel: 4 });
  try {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5);
    const found = await session.run(
      { [input]: new (ort().Tensor)('float32', values, [...shape]) },
      { logSeverityLevel: 4 },
    );
    return new Map(Object.entries(found).map(([name, value]) => [name, value.dims]));
  } finally {
    await session.release();
  }
};
