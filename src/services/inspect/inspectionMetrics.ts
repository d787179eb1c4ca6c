import type { Dataset, Item } from '../../dataset/dataset.ts';
import { createRng } from '../../dataset/rng.ts';
import { rankedProCurve, type RankedRegions } from '../../metrics/aupro.ts';
import { precisionRecallCurve, rocCurve } from '../../metrics/curves.ts';
import type { PixelSample } from '../../metrics/pixelSample.ts';
import { knownLabels } from '../../dataset/labels.ts';
import { rowStates, type CurvePoints, type Inspection, type InspectionMetrics } from '../../protocol/inspection.ts';
import { rowLabels } from '../../dataset/rowLabels.ts';
import {
  confusionOf,
  falseAlarms,
  groupsOf,
  metricMap,
  metricRegion,
  metricSide,
  summarise,
  type ScoredImage,
} from '../evaluate/evaluate.ts';
import { asGrid } from './asGrid.ts';
import type { InspectionStore, InspectPorts } from '../ports/inspectPorts.ts';
import { maskOf } from '../labels/maskStore.ts';
import { ahead } from '../ports/progress.ts';
import { fewNotes, maskOrNote } from '../evaluate/maskOn.ts';
import { testItems } from '../evaluate/testItems.ts';

/**
 * Pixel metrics keep maps and masks in memory, 1.3 MB an image with what sorting takes; of more
 * images, a seeded choice counts.
 */
const mostPixelImages = 600;
/** Points of a curve at most: consecutive ones differ by 2 / most in one direction at least. */
const mostPoints = 1000;
const resolution = 2 / mostPoints;
const fprLimit = 0.3;

/** Everything that does not depend on the image threshold, and what recall is counted from. */
export interface Measured {
  readonly metrics: Omit<InspectionMetrics, 'perDefect'>;
  readonly perDefect: InspectionMetrics['perDefect'];
  readonly scores: readonly ScoredImage[];
}

/**
 * The images that metrics are of: those that `nferd evaluate` tests on, and any that the user
 * labelled; none that the detector was trained on, that are unsure or excluded or have no result.
 */
function measuredRows(dataset: Dataset, { rows, labels }: Inspection): number[] {
  const trained = new Set(rows.paths.filter((_, row) => rows.trained[row]));
  const tested = new Set(testItems(dataset, ({ path }) => trained.has(path)).map(({ path }) => path));
  const { label, byUser } = rowLabels({ rows, labels });
  const [normal, anomalous] = [knownLabels.indexOf('normal'), knownLabels.indexOf('anomalous')];
  const done = rowStates.indexOf('done');
  return rows.paths.flatMap((path, row) => {
    const counts = label[row] === normal || label[row] === anomalous;
    return counts && rows.state[row] === done && !rows.trained[row] && (byUser[row] || tested.has(path)) ? [row] : [];
  });
}

/**
 * Measures stored results against the labels, as `nferd evaluate` does. A mask that can't be read, or
 * doesn't lie on its image, leaves it out of pixel metrics and is named.
 */
export async function measure(
  dataset: Dataset,
  inspection: Inspection,
  store: InspectionStore,
  { images }: Pick<InspectPorts, 'images'>,
): Promise<Measured> {
  const { rows, labels, detector } = inspection;
  const known = rowLabels(inspection);
  const measured = measuredRows(dataset, inspection);
  const itemOf = new Map<string, Item>(dataset.items.map((item) => [item.path, item]));
  const scores = measured.map((row): ScoredImage => {
    const defectType = known.defectType[row];
    return {
      path: rows.paths[row]!,
      label: known.label[row] === knownLabels.indexOf('normal') ? 'normal' : 'anomalous',
      ...(defectType !== undefined && { defectType }),
      score: rows.score[row]!,
    };
  });
  const masks = scores.map(({ path, label }) =>
    label === 'normal' ? undefined : maskOf(Object.hasOwn(labels, path) ? labels[path] : undefined, itemOf.get(path)),
  );
  const chosen = choice(scores.map(({ label }, at) => label === 'normal' || masks[at] !== undefined));
  const side = { width: metricSide, height: metricSide };
  const looked = metricRegion(detector.roi);
  const maskNotes: string[] = [];
  const sampleOf = async (at: number): Promise<PixelSample | undefined> => {
    const grid = chosen.has(at) ? store.grid(scores[at]!.path, detector.version) : undefined;
    if (!grid) return undefined;
    const file = masks[at];
    const absolute = file !== undefined && /^(\/|[a-z]:)/i.test(file) ? file : `${dataset.root}/${file}`;
    const image = `${dataset.root}/${scores[at]!.path}`;
    const laid = file === undefined ? undefined : await maskOrNote(image, absolute, side, images);
    if (laid?.note) maskNotes.push(laid.note);
    if (laid && !laid.mask) return undefined;
    return { map: metricMap(asGrid(grid, detector)), mask: laid?.mask?.data, looked, ...side };
  };
  const samples: (PixelSample | undefined)[] = [];
  for await (const sample of ahead([...scores.keys()], 4, sampleOf)) samples.push(sample);
  const groups = groupsOf(scores, samples);
  const { perDefect, atThreshold, ...overall } = summarise(groups, detector.thresholds);
  const { pixelF1, pixelIou } = atThreshold;
  return {
    metrics: {
      ...overall,
      ...(pixelF1 !== undefined && { pixelF1 }),
      ...(pixelIou !== undefined && { pixelIou }),
      ...(scores.length > 0 && curvesOf(scores, groups.all.pixels)),
      ...(maskNotes.length > 0 && { notes: fewNotes(maskNotes.sort()) }),
    },
    perDefect,
    scores,
  };
}

/** What is measured, with the rates at a threshold. */
export function metricsAt({ metrics, perDefect, scores }: Measured, threshold: number): InspectionMetrics {
  const counts = confusionOf(scores, threshold);
  const { recall, falseAlarmRate } = counts;
  const rows = Object.entries(perDefect).map(([kind, values]) => {
    const own = scores.filter(({ label, defectType = 'defect' }) => label === 'anomalous' && defectType === kind);
    return [kind, { ...values, recall: confusionOf(own, threshold).recall ?? 0 }] as const;
  });
  return {
    ...metrics,
    ...(recall !== undefined && { recall }),
    ...(falseAlarmRate !== undefined && { falseAlarmRate }),
    ...falseAlarms(counts),
    perDefect: Object.fromEntries(rows),
  };
}

/** Of the images that say something about pixels, all or a seeded choice. */
function choice(says: readonly boolean[]): ReadonlySet<number> {
  const all = says.flatMap((yes, at) => (yes ? [at] : []));
  return new Set(all.length <= mostPixelImages ? all : createRng(0).shuffled(all).slice(0, mostPixelImages));
}

function curvesOf(
  scores: readonly ScoredImage[],
  pixels: RankedRegions,
): Pick<InspectionMetrics, 'roc' | 'precisionRecall' | 'pro'> {
  const labels = Uint8Array.from(scores, ({ label }) => +(label === 'anomalous'));
  const values = Float32Array.from(scores, ({ score }) => score);
  const anomalous = labels.includes(1);
  const { positives, negatives } = pixels.ranking;
  const regions = positives.length > 0 && negatives.length > 0;
  return {
    ...(anomalous && labels.includes(0) && { roc: rocPoints(values, labels) }),
    ...(anomalous && { precisionRecall: precisionRecallPoints(values, labels) }),
    ...(regions && { pro: proPoints(pixels) }),
  };
}

function rocPoints(values: Float32Array, labels: Uint8Array): CurvePoints {
  const { falsePositiveRate, truePositiveRate, thresholds } = rocCurve(values, labels, resolution);
  return thinned({ x: falsePositiveRate, y: truePositiveRate, threshold: thresholds });
}

/** From recall 0 up; the first point, precision 1, flags nothing. */
function precisionRecallPoints(values: Float32Array, labels: Uint8Array): CurvePoints {
  const { precision, recall, thresholds } = precisionRecallCurve(values, labels, resolution);
  return thinned({
    x: recall.toReversed(),
    y: precision.toReversed(),
    threshold: followed(thresholds, Infinity).reverse(),
  });
}

/** Up to the limit, where the last point is interpolated. */
function proPoints(pixels: RankedRegions): CurvePoints {
  const { falsePositiveRate: x, overlap: y, thresholds } = rankedProCurve(pixels, resolution / 2, fprLimit);
  const beyond = x.findIndex((rate) => rate > fprLimit);
  if (beyond <= 0) return thinned({ x, y, threshold: thresholds });
  const share = (fprLimit - x[beyond - 1]!) / (x[beyond]! - x[beyond - 1]!);
  const end = y[beyond - 1]! + share * (y[beyond]! - y[beyond - 1]!);
  const cut = (column: Float64Array, last: number): Float64Array => followed(column.subarray(0, beyond), last);
  return thinned({ x: cut(x, fprLimit), y: cut(y, end), threshold: cut(thresholds, thresholds[beyond]!) });
}

function followed(column: Float64Array, last: number): Float64Array {
  const out = new Float64Array(column.length + 1);
  out.set(column);
  out[column.length] = last;
  return out;
}

/** At most mostPoints points, the first and the last among them. */
function thinned({ x, y, threshold }: CurvePoints): CurvePoints {
  if (x.length <= mostPoints) return { x, y, threshold };
  const kept = Array.from({ length: mostPoints }, (_, i) => Math.round((i * (x.length - 1)) / (mostPoints - 1)));
  const pick = (column: Float64Array): Float64Array => Float64Array.from(kept, (at) => column[at]!);
  return { x: pick(x), y: pick(y), threshold: pick(threshold) };
}
