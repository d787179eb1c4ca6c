import { keepOutputs } from '../graph/keepOutputs.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { DetectorConfig } from '../nferd/config.ts';
import { stagesOf, type Stage } from '../nferd/stages.ts';
import type { Triple } from '../nferd/teacher/spec.ts';
import type { FloatMap, Neighbour, StageResult } from '../protocol/engine.ts';
import type { Detector } from './detectorStore.ts';
import type { EnginePorts } from './enginePorts.ts';
import { gridOfMap } from './anomalyGrid.ts';
import { UserError } from './errors.ts';
import { notFinite } from './finite.ts';
import { imageInput } from './imageInput.ts';
import type { RgbImage, Size } from './ports.ts';
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
  /** The same before its last enlargement. */
  readonly anomalyGrid: FloatMap;
  /** Of the stages whose outputs the session has, as are the neighbours. */
  readonly stages: readonly StageResult[];
  readonly neighbours: readonly StageNeighbours[];
}

/** A detector ready to run. */
export interface LoadedDetector {
  readonly detector: Detector;
  readonly session: Session;
}

/** What a detector is opened for. */
export interface DetectorUse {
  /** All that is to be computed; without it everything the model has. */
  readonly outputs?: readonly string[];
  /** Computed as well where the model has them, which those of older detectors may not. */
  readonly further?: readonly string[];
  /** For many images. */
  readonly sideBySide?: boolean;
  /** It will not be opened so again: its optimised model needn't be kept. */
  readonly once?: boolean;
}

export const openDetector = async (
  detector: Detector,
  ports: EnginePorts,
  { outputs, further, sideBySide = false, once = false }: DetectorUse = {},
): Promise<LoadedDetector> => ({
  detector,
  session: await ports.openSession(outputs ? keepOutputs(detector.model, outputs, further) : detector.model, {
    ...ports.compute,
    cached: !once,
    sideBySide,
  }),
});

/** The detection itself. */
const coreOutputs = ['score', 'anomaly_map'];

/** What is asked of a detector about whole datasets. */
export const datasetUse: DetectorUse = { outputs: coreOutputs, further: ['peak', 'anomaly_grid', 'embedding'] };

/** Score, anomaly map, and the neighbours in those banks that have a say in it: by their distance, or through the student's fusion. */
export function explainedOutputs(config: DetectorConfig): string[] {
  const fused = config.student !== undefined && config.student.fusion !== 'none';
  const banks = stagesThatWeigh(config, fused ? [1, 1, 1] : config.map.bankWeights);
  return [...coreOutputs, ...banks.flatMap((name) => [`nfb_index/${name}`, `nfb_similarity/${name}`])];
}

/** What a viewer shows of one image: beside the explanation the maps of the stages that have a say, and what their fusions attend to. */
export function viewUse(config: DetectorConfig): DetectorUse {
  const { bankWeights, studentWeights } = config.map;
  const maps = config.student
    ? stagesThatWeigh(config, studentWeights).flatMap((name) =>
        ['student_map', 'hafm_spatial', 'hafm_channel'].map((kind) => `${kind}/${name}`),
      )
    : stagesThatWeigh(config, bankWeights).map((name) => `bank_map/${name}`);
  return { outputs: explainedOutputs(config), further: ['anomaly_grid', ...maps] };
}

/** Names of the stages whose weight in the anomaly map isn't 0. */
const stagesThatWeigh = (config: DetectorConfig, weights: Triple<number>): string[] =>
  stagesOf(config)
    .filter(({ stage, view }) => weights[stage]! > 0 && config.map.viewWeights[view]! > 0)
    .map(({ name }) => name);

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
  const side = loaded.detector.record.config.inputSize;
  return look(image, await ports.images.readImage(image, { width: side, height: side }), loaded);
}

/**
 * A detection with the image to draw on, from one opened file; the picture is decoded beside the inference.
 * @param shownSize the picture's size, from the image's own
 * @throws UserError where the image can't be read
 */
export async function detectWithPicture(
  image: string,
  loaded: LoadedDetector,
  ports: Pick<EnginePorts, 'images'>,
  shownSize: (original: Size) => Size,
): Promise<PicturedDetection> {
  const side = loaded.detector.record.config.inputSize;
  const file = await ports.images.open(image);
  const [input, shown] = file.read({ width: side, height: side }, shownSize(file.size));
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
function mapOf(tensor: Tensor): FloatMap {
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
