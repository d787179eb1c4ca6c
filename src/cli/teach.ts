import path from 'node:path';
import type { Command } from 'commander';
import type { NormalRegion } from '../protocol/inspection.ts';
import { packMask } from '../dataset/maskRuns.ts';
import { changeOf, changeParts } from '../verdict/proposal.ts';
import { isAnomalous } from '../verdict/thresholds.ts';
import { inspectionDisk } from '../runtime/store/inspectionDisk.ts';
import { umap } from '../runtime/umap.ts';
import { datasetUse, openDetector } from '../services/detect/openDetector.ts';
import { detect } from '../services/detect/detect.ts';
import { loadDetector, thresholdsOf, type Detector } from '../services/detect/detectorStore.ts';
import type { EnginePorts } from '../services/ports/enginePorts.ts';
import { UserError } from '../services/ports/errors.ts';
import { Inspections } from '../services/inspect/inspections.ts';
import { teachDetector, type Taught } from '../services/teach/teachDetector.ts';
import { teachEffect, type TeachEffect } from '../services/teach/teachEffect.ts';
import { resolveTeacher } from '../services/teacher/teacherStore.ts';
import { checkOut } from '../services/train/trainOnFolder.ts';
import { exitCode, slashed, type Context } from './context.ts';
import { computeOf, withCompute, type ComputeOptions } from './options.ts';
import { figure } from './report.ts';

export interface TeachOptions extends ComputeOptions {
  readonly model: string;
  readonly out: string;
  readonly region?: string;
  readonly labels?: string;
  readonly json?: boolean;
}

export const teachCommand = (command: Command): Command =>
  withCompute(
    command
      .description('make a new version of a detector that knows what images show as normal; the old one stays')
      .argument('<images...>', 'images that raised a false alarm')
      .requiredOption('--model <folder>', 'a detector made by "nferd train" or "nferd teach"')
      .requiredOption('--out <folder>', 'where the new detector goes')
      .option('--region <mask>', 'a PNG, white where the image is normal: only that is taught; for one image')
      .option('--labels <folder>', 'a folder of labelled images: prints what the new detector changes on them')
      .option('--json', 'print everything as JSON'),
  );

const absolute = (given: string): string => slashed(path.resolve(given));

/**
 * Teaches images, or a region of one, as normal, and prints what that changes.
 * @throws UserError, Cancelled
 */
export async function teach(images: readonly string[], options: TeachOptions, context: Context): Promise<number> {
  const ports = context.ports(computeOf(options));
  const [model, out] = [absolute(options.model), absolute(options.out)];
  if (out === model)
    throw new UserError(`${options.out}: is the detector that is taught, and that stays. Choose another --out.`);
  if (options.region !== undefined && images.length > 1)
    throw new UserError(`${options.region}: --region is for one image, and ${images.length} are given.`);
  const detector = await loadDetector(model, ports);
  await checkOut(out, ports.files);
  const taught = await teachDetector(
    {
      detector,
      regions: await regionsOf(images, options.region, ports),
      out,
      name: path.basename(out).replace(/\.nferd$/, ''),
      teacher: await resolveTeacher(detector.record.teacher.name, context.teachers, ports),
      createdAt: new Date().toISOString(),
    },
    ports,
    context.watch,
  );
  taught.notes.forEach((note) => context.say(`note: ${note}`));
  const facts = await factsOf(detector, taught, images, ports);
  if (!options.json) context.print(factsText(facts));
  const folder = options.labels === undefined ? undefined : absolute(options.labels);
  let effect: TeachEffect | undefined;
  try {
    if (folder !== undefined) effect = await effectOn(folder, [model, out], ports, context);
  } finally {
    // The new detector is there, whatever becomes of its effect.
    const labelled = effect && { labelled: { folder, ...effect } };
    if (options.json) context.print(JSON.stringify({ ...facts, ...labelled, notes: taught.notes }, null, 2));
    else if (effect) context.print(effectText(folder!, effect));
  }
  return exitCode.normal;
}

/**
 * What teaching changed about the detector and the taught images; a score is null where an image
 * can't be read.
 */
interface Facts {
  readonly model: string;
  readonly addedEntries: number;
  readonly threshold: BeforeAfter;
  readonly images: readonly { readonly image: string; readonly score: BeforeAfter<number | null> }[];
}

interface BeforeAfter<T = number> {
  readonly before: T;
  readonly after: T;
}

async function regionsOf(
  images: readonly string[],
  mask: string | undefined,
  ports: EnginePorts,
): Promise<readonly NormalRegion[]> {
  if (mask === undefined) return images.map((image) => ({ image: absolute(image) }));
  const image = absolute(images[0]!);
  const { size } = await ports.images.open(image);
  const { width, height, data } = await ports.images.readMask(absolute(mask), size);
  if (!data.includes(1)) throw new UserError(`${mask}: marks nothing. Draw white where the image is normal.`);
  return [{ image, mask: packMask(width, height, data) }];
}

async function factsOf(
  old: Detector,
  { detector, added }: Taught,
  images: readonly string[],
  ports: EnginePorts,
): Promise<Facts> {
  const [before, after] = await Promise.all([old, detector].map((each) => scoresOf(each, images, ports)));
  return {
    model: detector.folder,
    addedEntries: added,
    threshold: { before: thresholdsOf(old.record).image, after: thresholdsOf(detector.record).image },
    images: images.map((image, at) => ({ image, score: { before: before![at]!, after: after![at]! } })),
  };
}

function factsText({ model, addedEntries, threshold, images }: Facts): string {
  const verdict = (score: number | null, limit: number) =>
    score === null ? 'not read' : `${figure(score)} (${isAnomalous(score, limit) ? 'anomalous' : 'normal'})`;
  return [
    model,
    `  bank entries     ${addedEntries} more`,
    `  image threshold  ${figure(threshold.before)} → ${figure(threshold.after)}`,
    ...images.map(
      ({ image, score }) =>
        `  ${image}  ${verdict(score.before, threshold.before)} → ${verdict(score.after, threshold.after)}`,
    ),
  ].join('\n');
}

/** Null where an image can't be read: teaching has said why. */
async function scoresOf(
  detector: Detector,
  images: readonly string[],
  ports: EnginePorts,
): Promise<readonly (number | null)[]> {
  const loaded = await openDetector(detector, ports, datasetUse);
  const scores: (number | null)[] = [];
  try {
    for (const image of images)
      scores.push(
        await detect(absolute(image), loaded, ports).then(
          ({ score }) => score,
          () => null,
        ),
      );
    return scores;
  } finally {
    await loaded.session.release();
  }
}

async function effectOn(
  folder: string,
  [model, out]: readonly [string, string],
  ports: EnginePorts,
  { watch }: Context,
): Promise<TeachEffect> {
  const inspections = new Inspections(() => ({ ...ports, disk: inspectionDisk, layOut: umap }));
  try {
    const before = await inspections.inspect({ folder, detector: model }, watch);
    const after = await inspections.inspect({ folder, detector: out }, watch);
    return teachEffect(before.inspection, after.inspection);
  } finally {
    inspections.close();
  }
}

function effectText(folder: string, { before, after, flagged, cleared, judged }: TeachEffect): string {
  const labelled = after.normal + after.anomalous;
  return [
    folder,
    ...(labelled === 0
      ? ['  no labelled images but those that were trained on or taught: nferd label DIR imports labels']
      : [
          `  false alarms     ${before.falseAlarms} → ${after.falseAlarms} of ${after.normal} normal images`,
          `  misses           ${before.misses} → ${after.misses} of ${after.anomalous} anomalous images`,
          `  in all           ${changeParts(changeOf(before, after)).join(', ')}`,
        ]),
    `  verdicts         ${flagged} of ${judged} images become anomalous, ${cleared} become normal`,
  ].join('\n');
}
