import { detectorName } from '../dataset/detectorName.ts';
import { checkpointOf } from '../dataset/onDisk.ts';
import path from 'node:path';
import { Option, type Command } from 'commander';
import { defaultStudent, fusions, type Fusion } from '../nferd/config.ts';
import { precisions, type Precision } from '../protocol/engine.ts';
import type { Detector } from '../services/detect/detectorStore.ts';
import type { EnginePorts } from '../services/ports/enginePorts.ts';
import { UserError } from '../services/ports/errors.ts';
import { Cancelled } from '../services/ports/progress.ts';
import { defaultFalseAlarmRate, defaultSeed, defaultTeacher, trainOnFolder } from '../services/train/trainOnFolder.ts';
import { exitCode, slashed, type Context } from './context.ts';
import { computeOf, number, share, withCompute, type ComputeOptions } from './options.ts';
import { listFailures, trainedText } from './report.ts';

export interface TrainOptions extends ComputeOptions {
  readonly out?: string;
  readonly teacher: string;
  readonly mode?: 'instant' | 'distilled';
  readonly steps?: number;
  readonly fusion?: Fusion;
  readonly seed: number;
  readonly precision: Precision;
  readonly size?: number;
  readonly smallestDefect?: number;
  readonly falseAlarmRate: number;
  readonly roi?: string;
  readonly normal?: readonly string[];
}

export const trainCommand = (command: Command): Command =>
  withCompute(
    command
      .description('learn what is normal from a folder of normal images')
      .argument('<folder>', 'a dataset (MVTec AD and its like) or a plain folder of normal images')
      .option('--out <folder>', 'where the detector goes (default: ./<name of the folder>.nferd)')
      .option(
        '--normal <folder>',
        "a folder in it of normal images, where names don't tell; may be given several times; remembered",
        (given: string, before: readonly string[] = []) => [...before, given],
      )
      .option('--teacher <name>', 'the backbone; see "nferd teacher list"', defaultTeacher)
      .addOption(
        new Option('--mode <mode>', 'banks alone, or a student as well (default: "instant")').choices([
          'instant',
          'distilled',
        ]),
      )
      .option('--steps <n>', `optimiser steps of each student (default: ${defaultStudent.steps})`, number(1))
      .addOption(new Option('--fusion <kind>', 'what the student sees of the banks (default: "full")').choices(fusions))
      .option('--seed <n>', 'same seed, machine and images: same detector', number(0), defaultSeed)
      .option(
        '--size <pixels>',
        'shorter side that images are scaled to; the longer one follows their shape (default: 256, and more ' +
          'for images of 1024 pixels and more)',
        number(32, 4096),
      )
      .option(
        '--smallest-defect <pixels>',
        "diameter of the smallest defect that matters, in the images' pixels: decides what they are scaled to",
        number(1, 4096),
      )
      .addOption(
        new Option(
          '--precision <kind>',
          "of the teacher's numbers; auto: float16 where a trial finds it faster on the execution provider",
        )
          .choices(precisions)
          .default('float32'),
      )
      .option('--false-alarm-rate <share>', 'of normal images that may raise an alarm', share, defaultFalseAlarmRate)
      .option('--roi <mask>', 'region of interest: only what is not black in this picture counts'),
  );

/**
 * Trains a detector and prints its thresholds and what they promise.
 * @returns 2 where fewer than half of the images could be read; the detector is made of the others
 * all the same
 * @throws UserError, Cancelled
 */
export async function train(folder: string, options: TrainOptions, context: Context): Promise<number> {
  if (options.mode === 'instant' && (options.steps !== undefined || options.fusion !== undefined))
    throw new UserError('--steps and --fusion are for --mode distilled; instant mode trains no student.');
  const ports = context.ports(computeOf(options));
  const out = slashed(path.resolve(options.out ?? `${detectorName(path.resolve(folder))}.nferd`));
  const roi = options.roi === undefined ? undefined : slashed(path.resolve(options.roi));
  const from = slashed(path.resolve(folder));
  const { normal } = options;
  const start = context.watch.clock();
  try {
    const { detector, failures, resumedAt } = await trainOnFolder(
      {
        ...options,
        ...(normal && { normal: normal.map((given) => placeIn(from, given)) }),
        folder: from,
        out,
        ...(roi !== undefined && { roi }),
        onNote: (note) => context.say(`note: ${note}`),
      },
      context.teachers,
      ports,
      context.watch,
    );
    context.print(trainedText(detector, { seconds: (context.watch.clock() - start) / 1000, resumedAt }));
    const code = listFailures(failures, 'unreadable, left out', context);
    return failures.length <= readIn(detector) ? exitCode.normal : code;
  } catch (error) {
    throw error instanceof Cancelled ? new Cancelled(await stopped(out, ports)) : error;
  }
}

/** A folder as a shell completes it, relative to the dataset where it lies in it. */
function placeIn(folder: string, given: string): string {
  const place = slashed(path.resolve(given));
  return place.startsWith(`${folder}/`) ? place.slice(folder.length + 1) : slashed(given);
}

/** Images that could be read: in the banks, or held out. */
const readIn = ({ record: { images, calibration } }: Detector): number =>
  images.length + (calibration.method === 'held-out' ? calibration.scores.length : 0);

async function stopped(out: string, { files }: EnginePorts): Promise<string> {
  return (await files.exists(`${checkpointOf(out)}/checkpoint.json`))
    ? 'Stopped. Run the same command again to go on from here.'
    : 'Stopped before the student had learned anything. Run the same command again to start over.';
}
