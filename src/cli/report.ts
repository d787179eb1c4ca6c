import { inputShape, sizeText } from '../nferd/config.ts';
import { maskShare } from '../dataset/maskRuns.ts';
import { calibrationFolds } from '../dataset/split.ts';
import { oddNormalsOf, thresholdsOf, type Detector } from '../services/detect/detectorStore.ts';
import { exitCode, type Context } from './context.ts';

/** `0.0123` → `0.0123`, `12.3456` → `12.35`: four significant digits. */
export const figure = (value: number): string => `${Number(value.toPrecision(4))}`;
export const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** What the image threshold promises, or what it would take. */
export function promiseText({ record }: Pick<Detector, 'record'>, wanted = record.calibration.falseAlarmRate): string {
  const { falseAlarmRate, promised } = thresholdsOf(record, wanted);
  const count = record.calibration.scores.length;
  if (promised) return `at most ${percent(falseAlarmRate)} of new normal images, from ${count} that calibrated it`;
  const needed = Math.ceil(1 / wanted - 1 - 1e-9);
  return (
    `${percent(wanted)} can't be promised yet, only ${percent(falseAlarmRate)}: ${count} normal ` +
    'images calibrated it, ' +
    `${needed} are needed (train on ${imagesToCalibrate(needed, record.calibration.method)} normal images)`
  );
}

/** The fewest normal images of which `needed` calibrate. */
export function imagesToCalibrate(needed: number, method: 'held-out' | 'own entries left out'): number {
  if (method === 'own entries left out') return needed;
  const enough = (count: number): boolean => calibrationFolds(count, { seed: 0 })[0]!.calibrate.length >= needed;
  let [low, high] = [2, 10 * needed + 2];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export interface TrainingNews {
  readonly seconds: number;
  readonly resumedAt?: number | undefined;
}

/** What `train` prints at the end. */
export function trainedText(detector: Detector, { seconds, resumedAt }: TrainingNews): string {
  const { record, folder } = detector;
  const { image, pixel } = thresholdsOf(record);
  const resumed = resumedAt === undefined ? '' : `, resumed at step ${resumedAt}`;
  const half = record.config.precision === 'float16' ? ' in 16-bit floats' : '';
  const losses = record.training?.losses.map(figure).join(', ');
  return [
    `${folder}`,
    `  ${record.config.student ? 'distilled' : 'instant'} detector of ${record.images.length} normal images, ` +
      `${record.teacher.name}${half} at ${sizeText(inputShape(record.config))} px, ${seconds.toFixed(1)} s${resumed}`,
    `  image threshold  ${figure(image)}`,
    `  pixel threshold  ${figure(pixel)}`,
    `  false alarms     ${promiseText(detector)}`,
    ...roiText(detector),
    ...oddText(detector),
    ...(losses === undefined ? [] : [`  last losses      ${losses}`]),
  ].join('\n');
}

/** How much of an image the detector looks at, where it isn't all of it. */
function roiText({ record: { config } }: Detector): string[] {
  if (!config.roi) return [];
  return [`  looks at         ${percent(maskShare(config.roi))} of an image (region of interest)`];
}

/**
 * The normal images that make the detector blind, if there are any: what they do, and what to do
 * about them.
 */
export function oddText({ record }: Pick<Detector, 'record'>): string[] {
  const odd = oddNormalsOf(record);
  if (!odd) return [];
  const [first, ...more] = odd.images;
  const [it, is] = more.length > 0 ? ['them', 'they are'] : ['it', 'it is'];
  return [
    `  look at          ${first!.path}${more.length > 0 ? ` and ${more.length} more` : ''}: scores ` +
      `${figure(first!.score)}, far above the other ` +
      `${odd.others} normal images; without ${it} the image threshold would be ` +
      `${figure(odd.threshold)}. If ${is} not normal, ` +
      `move ${it} out and train again; else set nferd.threshold.image (--threshold) where that suits you.`,
  ];
}

/**
 * Lists what failed in a batch.
 * @returns the exit code: `otherwise`, or 2 where something failed
 */
export function listFailures(
  failures: readonly string[],
  what: string,
  context: Pick<Context, 'say'>,
  otherwise: number = exitCode.normal,
): number {
  if (failures.length === 0) return otherwise;
  context.say(`nferd: ${what} (${failures.length}):`);
  failures.forEach((failure) => context.say(`  ${failure}`));
  return exitCode.error;
}
