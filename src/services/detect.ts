import type { Tensor } from '../graph/tensor.ts';
import { stagesOf, type Stage } from '../nferd/stages.ts';
import type { FloatMap, Neighbour, StageResult } from '../protocol/engine.ts';
import type { Detector } from './detectorStore.ts';
import type { EnginePorts } from './enginePorts.ts';
import { imageInput } from './imageInput.ts';
import type { Size } from './ports.ts';
import type { Session } from './sessionPort.ts';

/** What the banks answered at each cell of one stage. */
export interface StageNeighbours {
  readonly stage: Stage;
  /** [k, cells, cells] */
  readonly index: BigInt64Array;
  readonly similarity: Float32Array;
  readonly count: number;
}

export interface DetectionResult {
  readonly image: string;
  readonly original: Size;
  readonly score: number;
  /** [S, S] over the whole image. */
  readonly anomalyMap: FloatMap;
  readonly stages: readonly StageResult[];
  readonly neighbours: readonly StageNeighbours[];
}

/** A detector ready to run. */
export interface LoadedDetector {
  readonly detector: Detector;
  readonly session: Session;
}

export const openDetector = async (detector: Detector, ports: EnginePorts): Promise<LoadedDetector> => ({
  detector,
  session: await ports.openSession(detector.model, ports.compute),
});

/** What detectMaps computes; the rest of the outputs explain. */
export const coreOutputs = ['score', 'anomaly_map'] as const;

/**
 * Score, anomaly map and their reasons for one image.
 * @throws UserError where the image can't be read
 */
export async function detect(
  image: string,
  { detector, session }: LoadedDetector,
  ports: Pick<EnginePorts, 'images'>,
): Promise<DetectionResult> {
  const { config } = detector.record;
  const size = config.inputSize;
  const read = await ports.images.readImage(image, { width: size, height: size });
  const found = await session.run({ image: imageInput([read]) });
  const stages = stagesOf(config);
  return {
    image,
    original: read.original,
    score: floats(found['score']!)[0]!,
    anomalyMap: mapOf(found['anomaly_map']!),
    stages: stages.map((stage) => stageResult(stage, found, config.views[stage.view]!)),
    neighbours: stages.map((stage) => ({
      stage,
      index: found[`nfb_index/${stage.name}`]!.data as BigInt64Array,
      similarity: floats(found[`nfb_similarity/${stage.name}`]!),
      count: found[`nfb_index/${stage.name}`]!.dims[1]!,
    })),
  };
}

const floats = (tensor: Tensor): Float32Array => tensor.data as Float32Array;

/** The only map of [1, 1, h, w]. */
function mapOf(tensor: Tensor): FloatMap {
  const [height, width] = tensor.dims.slice(-2) as [number, number];
  return { width, height, data: floats(tensor) };
}

function stageResult(stage: Stage, found: Readonly<Record<string, Tensor>>, factor: number): StageResult {
  const student = found[`student_map/${stage.name}`];
  const spatial = found[`hafm_spatial/${stage.name}`];
  const channel = found[`hafm_channel/${stage.name}`];
  return {
    name: stage.name,
    stride: (4 << stage.stage) * factor,
    anomalyMap: mapOf(student ?? found[`bank_map/${stage.name}`]!),
    ...(spatial && { spatialAttention: mapOf(spatial) }),
    ...(channel && { channelAttention: floats(channel) }),
  };
}

/**
 * The nearest normal patches at a position of the image, the most similar first.
 * @param x 0 … 1 of the width
 * @param y 0 … 1 of the height
 * @param sizeOf the size of a normal image, to place the patch in its pixels
 */
export function neighboursAt(
  { detector }: Pick<LoadedDetector, 'detector'>,
  { stage, index, similarity, count }: StageNeighbours,
  x: number,
  y: number,
  sizeOf: (image: string) => Size,
): Neighbour[] {
  const { images, provenance } = detector.record;
  const { cells } = stage;
  const place = (share: number): number => Math.min(cells - 1, Math.max(0, Math.floor(share * cells)));
  const at = place(y) * cells + place(x);
  const origin = provenance[stage.view * 3 + stage.stage]!;
  const found = Array.from({ length: count }, (_, k) => {
    const entry = Number(index[k * cells * cells + at]!);
    const [source, row, column] = origin.slice(3 * entry, 3 * entry + 3) as [number, number, number];
    const image = images[source]!;
    const size = sizeOf(image);
    const width = size.width / cells;
    const height = size.height / cells;
    return {
      image,
      left: column * width,
      top: row * height,
      width,
      height,
      similarity: similarity[k * cells * cells + at]!,
    };
  });
  // The bank's order is by distance; similarity, which is what is shown, may order close ones differently.
  return found.sort((a, b) => b.similarity - a.similarity);
}
