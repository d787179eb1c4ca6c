import type { Tensor } from '../../graph/tensor.ts';
import { inputShape } from '../../nferd/config.ts';
import { stagesOf, type Stage } from '../../nferd/stages.ts';
import type { FloatMap } from '../../maps/floatMap.ts';
import type { Neighbour, StageResult } from '../../protocol/engine.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { gridOfMap } from './anomalyGrid.ts';
import type { LoadedDetector } from './openDetector.ts';
import { UserError } from '../ports/errors.ts';
import { notFinite } from './finite.ts';
import { imageInput } from './imageInput.ts';
import type { RgbImage, Size } from '../ports/disk.ts';

/** What the banks answered at each cell of one stage. */
export interface StageNeighbours {
  readonly stage: Stage;
  /** [k, rows, columns] */
  readonly index: BigInt64Array;
  readonly similarity: Float32Array;
  readonly count: number;
}

export interface DetectionResult {
  readonly image: string;
  readonly original: Size;
  readonly score: number;
  /** As large as the detector's input, over the whole image. */
  readonly anomalyMap: FloatMap;
  /** The same before its last enlargement. */
  readonly anomalyGrid: FloatMap;
  /** Of the stages whose outputs the session has, as are the neighbours. */
  readonly stages: readonly StageResult[];
  readonly neighbours: readonly StageNeighbours[];
}

/** A detection, and the image as it is to be shown. */
export interface PicturedDetection extends DetectionResult {
  readonly picture: RgbImage;
}

/**
 * Score, anomaly map and their reasons for one image.
 * @throws UserError where the image can't be read
 */
export async function detect(
  image: string,
  loaded: LoadedDetector,
  ports: Pick<EnginePorts, 'images'>,
): Promise<DetectionResult> {
  const size = inputShape(loaded.detector.record.config);
  return look(image, await ports.images.readImage(image, size), loaded);
}

/**
 * A detection with the image to draw on, from one opened file; the picture is decoded beside the
 * inference.
 * @param shownSize the picture's size, from the image's own
 * @throws UserError where the image can't be read
 */
export async function detectWithPicture(
  image: string,
  loaded: LoadedDetector,
  ports: Pick<EnginePorts, 'images'>,
  shownSize: (original: Size) => Size,
): Promise<PicturedDetection> {
  const size = inputShape(loaded.detector.record.config);
  const file = await ports.images.open(image);
  const [input, shown] = file.read(size, shownSize(file.size));
  const [result, picture] = await Promise.all([input!.then((read) => look(image, read, loaded)), shown!]);
  return { ...result, picture };
}

async function look(image: string, read: RgbImage, loaded: LoadedDetector): Promise<DetectionResult> {
  const { detector, session } = loaded;
  const { config } = detector.record;
  const found = await session.run({ image: imageInput([read]) });
  const broken = notFinite(image, found, loaded);
  if (broken !== undefined) throw new UserError(broken);
  const stages = stagesOf(config);
  const anomalyMap = mapOf(found['anomaly_map']!);
  return {
    image,
    original: read.original,
    score: floats(found['score']!)[0]!,
    anomalyMap,
    anomalyGrid: found['anomaly_grid'] ? mapOf(found['anomaly_grid']) : gridOfMap(anomalyMap.data, config),
    stages: stages.flatMap((stage) => stageResult(stage, found, config.views[stage.view]!)),
    neighbours: stages.flatMap((stage) => stageNeighbours(stage, found)),
  };
}

function stageNeighbours(stage: Stage, found: Readonly<Record<string, Tensor>>): StageNeighbours[] {
  const index = found[`nfb_index/${stage.name}`];
  const similarity = found[`nfb_similarity/${stage.name}`];
  if (!index || !similarity) return [];
  return [{ stage, index: index.data as BigInt64Array, similarity: floats(similarity), count: index.dims[1]! }];
}

const floats = (tensor: Tensor): Float32Array => tensor.data as Float32Array;

/** The only map of [1, 1, h, w]. */
export function mapOf(tensor: Tensor): FloatMap {
  const [height, width] = tensor.dims.slice(-2) as [number, number];
  return { width, height, data: floats(tensor) };
}

function stageResult(stage: Stage, found: Readonly<Record<string, Tensor>>, factor: number): StageResult[] {
  const map = found[`student_map/${stage.name}`] ?? found[`bank_map/${stage.name}`];
  const spatial = found[`hafm_spatial/${stage.name}`];
  const channel = found[`hafm_channel/${stage.name}`];
  if (!map) return [];
  return [
    {
      name: stage.name,
      stride: (4 << stage.stage) * factor,
      anomalyMap: mapOf(map),
      ...(spatial && { spatialAttention: mapOf(spatial) }),
      ...(channel && { channelAttention: floats(channel) }),
    },
  ];
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
  const { rows, columns } = stage;
  const place = (share: number, cells: number): number => Math.min(cells - 1, Math.max(0, Math.floor(share * cells)));
  const at = place(y, rows) * columns + place(x, columns);
  const origin = provenance[stage.view * 3 + stage.stage]!;
  const found = Array.from({ length: count }, (_, k) => {
    const entry = Number(index[k * rows * columns + at]!);
    const [source, row, column] = origin.slice(3 * entry, 3 * entry + 3) as [number, number, number];
    const image = images[source]!;
    const size = sizeOf(image);
    const width = size.width / columns;
    const height = size.height / rows;
    return {
      image,
      left: column * width,
      top: row * height,
      width,
      height,
      similarity: similarity[k * rows * columns + at]!,
    };
  });
  // The bank's order is by distance; similarity, which is what is shown, may order close ones
  // differently.
  return found.sort((a, b) => b.similarity - a.similarity);
}
