import path from 'node:path';
import { Option, type Command } from 'commander';
import { isNeutralName, isNormalName, splitOf } from '../dataset/folderNames.ts';
import { normalTrainingItems } from '../dataset/normalTrainingItems.ts';
import {
  defaultConfig,
  defaultStudent,
  fusions,
  viewSize,
  withStudent,
  type DetectorConfig,
  type Fusion,
} from '../nferd/config.ts';
import { checkpointFolder } from '../services/checkpoint.ts';
import type { EnginePorts } from '../services/enginePorts.ts';
import { UserError } from '../services/errors.ts';
import { readDataset } from '../services/evaluate.ts';
import type { Files } from '../services/ports.ts';
import { Cancelled } from '../services/progress.ts';
import { resolveTeacher } from '../services/teacherStore.ts';
import { trainDetector } from '../services/trainDetector.ts';
import { asUserErrors, slashed, type Context } from './context.ts';
import { computeOf, defaultTeacher, number, share, withCompute, type ComputeOptions } from './options.ts';
import { listFailures, trainedText } from './report.ts';

export interface TrainOptions extends ComputeOptions {
  readonly out?: string;
  readonly teacher: string;
  readonly mode?: 'instant' | 'distilled';
  readonly steps?: number;
  readonly fusion?: Fusion;
  readonly seed: number;
  readonly size: number;
  readonly falseAlarmRate: number;
}

export const trainCommand = (command: Command): Command =>
  withCompute(
    command
      .description('learn what is normal from a folder of normal images')
      .argument('<folder>', 'a dataset (MVTec AD and its like) or a plain folder of normal images')
      .option('--out <folder>', 'where the detector goes (default: ./<name of the folder>.nferd)')
      .option('--teacher <name>', 'the backbone; see "nferd teacher list"', defaultTeacher)
      .addOption(
        new Option('--mode <mode>', 'banks alone, or a student as well (default: "instant")').choices([
          'instant',
          'distilled',
        ]),
      )
      .option('--steps <n>', `optimiser steps of each student (default: ${defaultStudent.steps})`, number(1))
      .addOption(new Option('--fusion <kind>', 'what the student sees of the banks (default: "full")').choices(fusions))
      .option('--seed <n>', 'same seed, machine and images: same detector', number(0), 1)
      .option(
        '--size <pixels>',
        'width and height that images are scaled to',
        number(32, 4096),
        defaultConfig.inputSize,
      )
      .option('--false-alarm-rate <share>', 'of normal images that may raise an alarm', share, 0.05),
  );

/**
 * Trains a detector and prints its thresholds and what they promise.
 * @throws UserError, Cancelled
 */
export async function train(folder: string, options: TrainOptions, context: Context): Promise<number> {
  const ports = context.ports(computeOf(options));
  const config = await asUserErrors(() => configOf(options));
  const dataset = await readDataset(folder, ports);
  const items = await asUserErrors(() => normalTrainingItems(dataset));
  const name = detectorName(folder);
  const out = slashed(path.resolve(options.out ?? `${name}.nferd`));
  await checkOut(options.out ?? `${name}.nferd`, out, ports.files);
  const teacher = await resolveTeacher(options.teacher, context.teachers, ports);
  dataset.notes.forEach((note) => context.say(`note: ${note}`));
  const start = context.watch.clock();
  try {
    const { detector, failures, resumedAt } = await trainDetector(
      {
        images: items.map((item) => slashed(path.resolve(folder, item.path))),
        source: folder,
        out,
        name: options.out === undefined ? name : path.basename(out).replace(/\.nferd$/, ''),
        teacher,
        config,
        seed: options.seed,
        falseAlarmRate: options.falseAlarmRate,
        createdAt: new Date().toISOString(),
      },
      ports,
      context.watch,
    );
    context.print(trainedText(detector, { seconds: (context.watch.clock() - start) / 1000, resumedAt }));
    return listFailures(failures, 'unreadable, left out', context);
  } catch (error) {
    throw error instanceof Cancelled ? new Cancelled(await stopped(out, ports)) : error;
  }
}

/**
 * The default configuration with the user's changes; steps or a fusion ask for a student.
 * @throws Error, UserError
 */
export function configOf({ mode, steps, fusion, size }: TrainOptions): DetectorConfig {
  const wantsStudent = steps !== undefined || fusion !== undefined;
  if (mode === 'instant' && wantsStudent)
    throw new UserError('--steps and --fusion are for --mode distilled; instant mode trains no student.');
  const sized: DetectorConfig = { ...defaultConfig, inputSize: size };
  const config =
    mode === 'distilled' || wantsStudent
      ? withStudent(sized, { ...defaultStudent, ...(steps !== undefined && { steps }), ...(fusion && { fusion }) })
      : sized;
  config.views.forEach((factor) => viewSize(config, factor));
  return config;
}

/** The folder's name, or that of the product above it: `screw` for `screw/train/good`. */
export function detectorName(folder: string): string {
  const parts = path.resolve(folder).split(/[\\/]/).filter(Boolean);
  const says = (part: string): boolean => !splitOf(part) && !isNormalName(part) && !isNeutralName(part);
  return parts.findLast(says) ?? parts.at(-1) ?? 'detector';
}

/** Training takes minutes: what would stop its last step should stop its first. @throws UserError */
async function checkOut(given: string, out: string, files: Files): Promise<void> {
  if ((await files.exists(out)) && !(await files.exists(`${out}/detector.json`)))
    throw new UserError(`${given}: exists and is not a detector, so it is not replaced. Choose another --out.`);
  const probe = `${out}.writable`;
  await files.write(probe, '').catch((error: unknown) => {
    throw new UserError((error as Error).message.replace(probe, given), { cause: error });
  });
  await files.remove(probe);
}

async function stopped(out: string, { files }: EnginePorts): Promise<string> {
  return (await files.exists(`${checkpointFolder(out)}/checkpoint.json`))
    ? 'Stopped. Run the same command again to go on from here.'
    : 'Stopped before the student had learned anything. Run the same command again to start over.';
}
