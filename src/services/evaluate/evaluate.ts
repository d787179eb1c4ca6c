import type { Dataset, Item } from '../../dataset/dataset.ts';
import { maskAt, type AnyRuns } from '../../dataset/maskRuns.ts';
import { mergeRegions, rankedAupro, rankRegions, type RankedRegions } from '../../metrics/aupro.ts';
import { rankedAuroc } from '../../metrics/auroc.ts';
import { rankedAveragePrecision } from '../../metrics/averagePrecision.ts';
import { folderList } from '../../dataset/normalFolders.ts';
import { confusion, type Confusion } from '../../metrics/confusion.ts';
import { rankedF1Max } from '../../metrics/f1Max.ts';
import { rankedOverlap } from '../../metrics/pixelOverlap.ts';
import { defectiveOf, type PixelSample } from '../../metrics/pixelSample.ts';
import { clopperPearsonInterval, type ProportionInterval } from '../../metrics/proportionInterval.ts';
import { rank, type Ranking } from '../../metrics/ranking.ts';
import { rankedRecall } from '../../metrics/recallAtFalseAlarmRate.ts';
import type { Metrics } from '../../protocol/metrics.ts';
import { thresholdsOf } from '../detect/detectorStore.ts';
import type { LoadedDetector } from '../detect/openDetector.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { orMessage, UserError } from '../ports/errors.ts';
import { mapOf } from '../detect/detect.ts';
import { inputShape } from '../../nferd/config.ts';
import type { FloatMap, Grid } from '../../maps/floatMap.ts';
import { stretchNotes } from '../../maps/shape.ts';
import { notFinite } from '../detect/finite.ts';
import { imageInput } from '../detect/imageInput.ts';
import { ahead, phase, type Watch } from '../ports/progress.ts';
import { imagesAhead } from '../ports/sessionPort.ts';
import { readDataset } from '../dataset/readDataset.ts';
import { fewNotes, maskOn } from './maskOn.ts';
import { copiesIn, learnedFrom, learnedHere, testItems } from './testItems.ts';

/** Pixel metrics are computed on maps and masks of this side. */
export const metricSide = 256;
const side = { width: metricSide, height: metricSide };

export interface ScoredImage {
  readonly path: string;
  readonly label: 'normal' | 'anomalous';
  readonly defectType?: string;
  readonly score: number;
}

/** Of image scores, and of the maps' pixels. */
export interface AppliedThresholds {
  readonly image: number;
  readonly pixel: number;
}

interface AtThreshold extends Confusion {
  readonly threshold: number;
  /** 95 % Clopper–Pearson interval of the false-alarm rate. */
  readonly falseAlarmInterval?: ProportionInterval;
  readonly pixelThreshold: number;
  /**
   * Overlap of the pixels above `pixelThreshold` and the defective ones; absent where no mask is
   * known.
   */
  readonly pixelF1?: number;
  readonly pixelIou?: number;
}

export interface Evaluation extends Metrics {
  /** Each defect type against all normal test images; `images` are the type's own. */
  readonly perDefect: Readonly<Record<string, Metrics & { readonly recall: number }>>;
  readonly atThreshold: AtThreshold;
  readonly metricSide: number;
  readonly scores: readonly ScoredImage[];
  readonly failures: readonly string[];
  readonly notes: readonly string[];
}

/** @throws UserError where there are none */
function testItemsOf(
  dataset: Dataset,
  learned: (item: Item) => boolean,
  copies: ReadonlySet<string>,
): { items: Item[]; notes: string[] } {
  const items = testItems(dataset, learned);
  const known = dataset.items.filter((item) => item.label !== 'unknown' && item.split !== 'train' && learned(item));
  const { undecided } = dataset;
  const open =
    undecided.length > 0 ? `, or say which folders are normal by "nferd train --normal": ${folderList(undecided)}` : '';
  if (items.length === 0)
    throw new UserError(
      known.length > 0
        ? `${dataset.root}: the detector was trained on all of its labelled images. Evaluate it on others.`
        : `${dataset.root}: no labelled test images were recognised. Lay them out as test/good and ` +
            `test/<defect> (MVTec AD)${open}.`,
    );
  const [copy] = copies;
  const same = copy === undefined ? '' : ` ${copies.size} of them are copies, such as ${copy}.`;
  const left = `${known.length} labelled images are left out: the detector was trained on them.${same}`;
  const few = items.some(({ label }) => label === 'normal') ? '' : ' No normal image is left to test on; add some.';
  return { items, notes: known.length > 0 ? [left + few] : [] };
}

/**
 * Measures a detector on a folder's test images (testItems).
 * @param folder absolute, so that images the detector was trained on are known
 * @param threshold of the image score; pixels have the detector's own
 * @throws UserError, Cancelled
 */
export async function evaluate(
  folder: string,
  loaded: LoadedDetector,
  threshold: number,
  ports: EnginePorts,
  watch: Watch,
): Promise<Evaluation> {
  const dataset = await readDataset(folder, ports);
  const record = await learnedHere(loaded.detector.record, ports.files);
  const copies = await copiesIn(dataset, record, learnedFrom(dataset, record), ports.files);
  const { items, notes } = testItemsOf(dataset, learnedFrom(dataset, record, copies), copies);
  const size = inputShape(record.config);
  const looked = metricRegion(record.config.roi);
  // The same numbers as an inspection's, which stores grids; detectors made before there was a grid
  // give the map alone.
  const mapOutput = loaded.session.outputNames.includes('anomaly_grid') ? 'anomaly_grid' : 'anomaly_map';
  const report = phase(watch, 'Evaluating', items.length);
  const failures: string[] = [];
  const scores: ScoredImage[] = [];
  const samples: (PixelSample | undefined)[] = [];
  const maskNotes: string[] = [];
  const sizes: Grid[] = [];
  const read = async ({ path: name, maskPath }: Item) => {
    const path = `${folder}/${name}`;
    const seen = await ports.images.readImage(path, size);
    const given = { path, size: seen.original, stored: seen.stored };
    const laid = maskPath ? await maskOn(given, `${folder}/${maskPath}`, side, ports.images) : {};
    return { image: imageInput([seen]), laid, original: seen.original };
  };
  const look = async (item: Item) => {
    const given = await orMessage(read(item));
    if (typeof given === 'string') return given;
    const { image, laid, original } = given;
    const found = await loaded.session.run({ image }, ['score', mapOutput]);
    return notFinite(`${folder}/${item.path}`, found, loaded) ?? { item, laid, original, found };
  };
  let done = 0;
  for await (const given of ahead(items, imagesAhead(loaded.session), look)) {
    if (typeof given === 'string') failures.push(given);
    else {
      const { item, laid, found } = given;
      sizes.push(given.original);
      const { mask } = laid;
      if (laid.note) maskNotes.push(laid.note);
      const map = metricMap(mapOf(found[mapOutput]!));
      const label = item.label === 'anomalous' ? 'anomalous' : 'normal';
      scores.push({
        path: item.path,
        label,
        ...(item.defectType !== undefined && { defectType: item.defectType }),
        score: (found['score']!.data as Float32Array)[0]!,
      });
      // An anomalous image without a mask says nothing about pixels.
      samples.push(label === 'normal' || mask ? { map, mask: mask?.data, looked, ...side } : undefined);
    }
    report(++done);
  }
  if (scores.length === 0) throw new UserError(`${folder}: none of its ${items.length} test images could be read.`);
  return {
    ...summarise(groupsOf(scores, samples), { image: threshold, pixel: thresholdsOf(loaded.detector.record).pixel }),
    metricSide,
    scores,
    failures,
    notes: [...dataset.notes, ...notes, ...stretchNotes(sizes, size), ...unseenNote(samples), ...fewNotes(maskNotes)],
  };
}

/** That images are anomalous by a defect which the detector isn't to look at. */
function unseenNote(samples: readonly (PixelSample | undefined)[]): string[] {
  const unseen = samples.filter((sample) => sample?.mask?.includes(1) && !defectiveOf(sample)!.includes(1)).length;
  if (unseen === 0) return [];
  return [`${unseen} anomalous images have no defect in the region of interest: they count as anomalous all the same.`];
}

/**
 * Images of one kind, their pixels sorted once: every metric is of all of them or of the normal
 * ones and one kind.
 */
interface Group {
  readonly images: readonly ScoredImage[];
  readonly pixels: RankedRegions;
}

/** Normal images, each kind of defect, and all of them together. */
export interface Groups {
  readonly normal: Group;
  readonly defects: readonly (readonly [kind: string, group: Group])[];
  readonly all: Group;
}

/** @param samples the pixels of each image; undefined where it says nothing about pixels */
export function groupsOf(scores: readonly ScoredImage[], samples: readonly (PixelSample | undefined)[]): Groups {
  const kindOf = ({ label, defectType }: ScoredImage): string | undefined =>
    label === 'normal' ? undefined : (defectType ?? 'defect');
  const groupOf = (kind: string | undefined): Group => ({
    images: scores.filter((image) => kindOf(image) === kind),
    pixels: rankRegions(samples.filter((sample, i) => sample && kindOf(scores[i]!) === kind) as PixelSample[]),
  });
  const normal = groupOf(undefined);
  const kinds = [...new Set(scores.map(kindOf))].filter((kind) => kind !== undefined);
  const defects = kinds.map((kind) => [kind, groupOf(kind)] as const);
  return { normal, defects, all: defects.reduce((all, [, group]) => together(all, group), normal) };
}

/** Metrics of scored images and their pixels. */
export function summarise(
  { normal, defects, all }: Groups,
  thresholds: AppliedThresholds,
): Omit<Evaluation, 'metricSide' | 'scores' | 'failures' | 'notes'> {
  return {
    ...metricsOf(all),
    atThreshold: atThreshold(all, thresholds),
    perDefect: Object.fromEntries(
      defects.map(([kind, group]) => {
        const both = together(normal, group);
        const recall = confusionOf(both.images, thresholds.image).recall ?? 0;
        return [kind, { ...metricsOf(both), images: group.images.length, recall }];
      }),
    ),
  };
}

function atThreshold({ images, pixels }: Group, { image, pixel }: AppliedThresholds): AtThreshold {
  const counts = confusionOf(images, image);
  const overlap = hasAnomalous(pixels.ranking) ? rankedOverlap(pixels.ranking, pixel) : undefined;
  return {
    ...counts,
    threshold: image,
    ...falseAlarms(counts),
    pixelThreshold: pixel,
    ...(overlap && { pixelF1: overlap.f1, pixelIou: overlap.iou }),
  };
}

/** The interval of the false-alarm rate, where there are normal images. */
export function falseAlarms({
  falsePositives,
  trueNegatives,
}: Pick<Confusion, 'falsePositives' | 'trueNegatives'>): Pick<AtThreshold, 'falseAlarmInterval'> {
  const normals = falsePositives + trueNegatives;
  return normals > 0 ? { falseAlarmInterval: clopperPearsonInterval(falsePositives, normals) } : {};
}

const together = (a: Group, b: Group): Group => ({
  images: [...a.images, ...b.images],
  pixels: mergeRegions(a.pixels, b.pixels),
});

const labelsOf = (scores: readonly ScoredImage[]): Uint8Array =>
  Uint8Array.from(scores, ({ label }) => +(label === 'anomalous'));

/** What becomes of images at an image threshold. */
export const confusionOf = (scores: readonly ScoredImage[], threshold: number): Confusion =>
  confusion(
    Float32Array.from(scores, ({ score }) => score),
    labelsOf(scores),
    threshold,
  );

function metricsOf({ images, pixels }: Group): Metrics {
  const scores = rank(
    Float32Array.from(images, ({ score }) => score),
    labelsOf(images),
  );
  const { ranking } = pixels;
  return {
    images: images.length,
    ...(hasBoth(scores) && { imageAuroc: rankedAuroc(scores), recallAt5: rankedRecall(scores, 0.05) }),
    ...(hasAnomalous(scores) && { imageAp: rankedAveragePrecision(scores), imageF1Max: rankedF1Max(scores).f1 }),
    ...(hasBoth(ranking) && {
      pixelAuroc: rankedAuroc(ranking),
      aupro: rankedAupro(pixels),
      aupro05: rankedAupro(pixels, 0.05),
    }),
    ...(hasAnomalous(ranking) && {
      pixelAp: rankedAveragePrecision(ranking),
      pixelF1Max: rankedF1Max(ranking).f1,
    }),
  };
}

const hasAnomalous = ({ positives }: Ranking): boolean => positives.length > 0;
const hasBoth = (ranking: Ranking): boolean => hasAnomalous(ranking) && ranking.negatives.length > 0;

/** A region of interest as metrics see it: outside no pixel counts. */
export const metricRegion = (roi: AnyRuns | undefined): Uint8Array | undefined => roi && maskAt(roi, side);

/** A map or grid as metrics see it: [metricSide, metricSide]. */
export const metricMap = (map: FloatMap): Float32Array => resample(map, metricSide);

/** Bilinear, pixel centres aligned, to `to`×`to`. */
function resample({ width, height, data }: FloatMap, to: number): Float32Array {
  if (width === to && height === to) return data;
  const across = tapsOf(width, to);
  const down = tapsOf(height, to);
  // Across first: of each line of the map once.
  const lines = new Float64Array(height * to);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < to; column++) {
      const { low, high, share } = across[column]!;
      lines[row * to + column] = data[row * width + low]! * (1 - share) + data[row * width + high]! * share;
    }
  }
  const out = new Float32Array(to * to);
  for (let row = 0; row < to; row++) {
    const { low, high, share } = down[row]!;
    for (let column = 0; column < to; column++)
      out[row * to + column] = lines[low * to + column]! * (1 - share) + lines[high * to + column]! * share;
  }
  return out;
}

/** Between which two of `from` places each of `to` lies, and how near to the second. */
const tapsOf = (from: number, to: number) =>
  Array.from({ length: to }, (_, i) => {
    const place = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, from - 1), share: place - low };
  });
