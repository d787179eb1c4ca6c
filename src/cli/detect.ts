import { detectOutput } from '../dataset/onDisk.ts';
import path from 'node:path';
import type { Command } from 'commander';
import { jsonText } from '../common/jsonText.ts';
import { regionsOf, type Region } from '../maps/regions.ts';
import { stretchNotes } from '../maps/shape.ts';
import { inputShape, type DetectorConfig } from '../nferd/config.ts';
import type { Neighbour } from '../protocol/engine.ts';
import { breachesOf, breachText, type Breach, type Rules } from '../verdict/rules.ts';
import { openImage } from '../runtime/images/imageSource.ts';
import { writeNpy } from '../runtime/files/npy.ts';
import { explainedOutputs, openDetector, type LoadedDetector } from '../services/detect/openDetector.ts';
import {
  detect as look,
  detectWithPicture,
  neighboursAt,
  type DetectionResult,
  type PicturedDetection,
} from '../services/detect/detect.ts';
import { loadDetector, thresholdsOf } from '../services/detect/detectorStore.ts';
import type { EnginePorts } from '../services/ports/enginePorts.ts';
import { UserError } from '../services/ports/errors.ts';
import { heatmap, shownSide, shownSize } from '../services/detect/heatmap.ts';
import type { Size } from '../services/ports/disk.ts';
import { ahead, phase, throwIfStopped } from '../services/ports/progress.ts';
import { paysSideBySide } from '../services/ports/sessionPort.ts';
import { exitCode, slashed, type Context } from './context.ts';
import {
  computeOf,
  number,
  rulesOf,
  withCompute,
  withRules,
  type ComputeOptions,
  type RuleOptions,
} from './options.ts';
import { outputNames } from './outputNames.ts';
import { figure, listFailures, promiseText } from './report.ts';

export interface DetectOptions extends ComputeOptions, RuleOptions {
  readonly model: string;
  readonly out: string;
  readonly files: boolean;
  readonly fullSize?: boolean;
  readonly json?: boolean;
  readonly threshold?: number;
}

export const detectCommand = (command: Command): Command =>
  withCompute(
    withRules(
      command
        .description('score images; exit code 0: all normal, 1: an anomaly, 2: an error')
        .argument('<images...>', 'PNG, JPEG, BMP, TIFF or WebP')
        .requiredOption('--model <folder>', 'a detector made by "nferd train"')
        .option('--out <folder>', 'where <name>.heatmap.png, <name>.map.npy and <name>.json go', detectOutput)
        .option('--no-files', 'write no files')
        .option('--full-size', `draw heatmaps at the image's own size, not at most ${shownSide} pixels a side`)
        .option('--json', 'print everything as JSON')
        .option('--threshold <score>', "of the image score, instead of the detector's", number(-1e6, 1e6, false)),
    ),
  );

/** One image's line of the JSON. Positions are pixels of the image as it is seen. */
export interface Finding {
  readonly image: string;
  readonly width: number;
  readonly height: number;
  readonly score: number;
  readonly threshold: number;
  readonly verdict: 'normal' | 'anomalous';
  /** Why it is anomalous: the rules that it breaks, the score's first. */
  readonly breaches: readonly Breach[];
  readonly pixelThreshold: number;
  readonly hottest: { readonly x: number; readonly y: number; readonly value: number };
  /** What lies above the pixel threshold, the highest peak first; lengths to a hundredth. */
  readonly regions: readonly Region[];
  /** The normal patches nearest to the hottest position, best first within each stage. */
  readonly neighbours: readonly (Neighbour & { readonly stage: string })[];
  readonly heatmap?: string;
  readonly map?: string;
}

/**
 * Scores images, writes their pictures, maps and reasons, and prints the verdicts.
 * @throws UserError, Cancelled; of several images, the failed ones are listed at the end, after the
 * others are done
 */
export async function detect(images: readonly string[], options: DetectOptions, context: Context): Promise<number> {
  const ports = context.ports(computeOf(options));
  const detector = await loadDetector(slashed(options.model), ports);
  const thresholds = thresholdsOf(detector.record);
  const threshold = options.threshold ?? thresholds.image;
  const rules = rulesOf(options);
  const loaded = await openDetector(detector, ports, {
    outputs: explainedOutputs(detector.record.config),
    sideBySide: paysSideBySide(images.length),
  });
  const names = outputNames(images);
  const input = inputShape(detector.record.config);
  const sizes = imageSizes(input);
  const inspect = async (image: string, at: number): Promise<Finding | UserError> => {
    try {
      const given = { threshold, pixelThreshold: thresholds.pixel, rules };
      if (!options.files) return await explain(await look(slashed(image), loaded, ports), loaded, given, sizes);
      const result = await detectWithPicture(slashed(image), loaded, ports, (size) =>
        options.fullSize ? size : shownSize(size, Math.max(shownSide, input.width, input.height)),
      );
      return await write(
        await explain(result, loaded, given, sizes),
        result,
        detector.record.config.roi,
        path.join(options.out, names[at]!),
        ports,
        // Only what is shown small is quick to write as it is.
        options.fullSize ?? false,
      );
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  };

  // Verdicts that are printed as they come are progress enough.
  const report = options.json ? phase(context.watch, 'Detecting', images.length) : () => throwIfStopped(context.watch);
  const findings: Finding[] = [];
  const failures: string[] = [];
  try {
    for await (const found of ahead([...images.entries()], Math.max(2, loaded.session.atOnce), ([at, image]) =>
      inspect(image, at),
    )) {
      if (found instanceof UserError && images.length === 1) throw found;
      if (found instanceof UserError) failures.push(found.message);
      else {
        findings.push(found);
        if (!options.json) context.print(findingText(found));
      }
      report(findings.length + failures.length);
    }
  } finally {
    await loaded.session.release();
  }
  if (options.json) {
    const promise = { falseAlarmRate: thresholds.falseAlarmRate, promised: thresholds.promised };
    const given = options.threshold === undefined ? promise : {};
    context.print(jsonText({ model: options.model, threshold, ...given, rules, images: findings, failures }));
  } else if (options.threshold === undefined && !thresholds.promised) context.say(`note: ${promiseText(detector)}`);
  stretchNotes(findings, input).forEach((note) => context.say(`note: ${note}`));
  const anomalous = findings.some(({ verdict }) => verdict === 'anomalous');
  return listFailures(failures, 'failed', context, anomalous ? exitCode.anomalous : exitCode.normal);
}

async function explain(
  result: DetectionResult,
  loaded: LoadedDetector,
  { rules, ...thresholds }: Pick<Finding, 'threshold' | 'pixelThreshold'> & { readonly rules: Rules },
  sizes: Sizes,
): Promise<Finding> {
  const { image, original, score, anomalyMap } = result;
  const { width, height, data } = anomalyMap;
  const at = data.reduce((best, value, i) => (value > data[best]! ? i : best), 0);
  const x = ((at % width) + 0.5) / width;
  const y = (Math.floor(at / width) + 0.5) / height;
  const near = (sizeOf: (source: string) => Size) =>
    result.neighbours.flatMap((stage) =>
      neighboursAt(loaded, stage, x, y, sizeOf).map((neighbour) => ({ stage: stage.stage.name, ...neighbour })),
    );
  const known = await sizes(near(() => original).map((neighbour) => neighbour.image));
  const regions = regionsOf(anomalyMap, thresholds.pixelThreshold, original);
  const areas = regions.map(({ area }) => area);
  const breaches = breachesOf({ score, threshold: thresholds.threshold, areas }, rules);
  return {
    image,
    ...original,
    score,
    ...thresholds,
    verdict: breaches.length > 0 ? 'anomalous' : 'normal',
    breaches,
    regions: regions.map(rounded),
    hottest: { x: Math.floor(x * original.width), y: Math.floor(y * original.height), value: data[at]! },
    neighbours: near((source) => known.get(source)!),
  };
}

/** Lengths to a hundredth of a pixel: a map knows no more. */
function rounded({ polygon, holes, box, area, centre, hottest, ...values }: Region): Region {
  const round = (length: number): number => Math.round(100 * length) / 100;
  return {
    polygon: polygon.map(round),
    holes: holes.map((hole) => hole.map(round)),
    box: { left: round(box.left), top: round(box.top), width: round(box.width), height: round(box.height) },
    area: round(area),
    ...values,
    centre: { x: round(centre.x), y: round(centre.y) },
    hottest: { x: round(hottest.x), y: round(hottest.y) },
  };
}

type Sizes = (sources: readonly string[]) => Promise<ReadonlyMap<string, Size>>;

/** Sizes of normal images, each looked up once; one that is gone counts as seen by the detector. */
function imageSizes(unknown: Size): Sizes {
  const known = new Map<string, Promise<Size>>();
  const sizeOf = (source: string): Promise<Size> => {
    const size =
      known.get(source) ??
      openImage(source).then(
        (opened) => opened.size,
        () => unknown,
      );
    known.set(source, size);
    return size;
  };
  return async (sources) =>
    new Map(await Promise.all([...new Set(sources)].map(async (s) => [s, await sizeOf(s)] as const)));
}

/** `<stem>.heatmap.png`, `<stem>.map.npy` and, last, `<stem>.json`. */
async function write(
  finding: Finding,
  { anomalyMap, anomalyGrid, picture }: PicturedDetection,
  roi: DetectorConfig['roi'],
  stem: string,
  ports: EnginePorts,
  compress: boolean,
): Promise<Finding> {
  // The map ends where the region of interest does; the grid goes on, so that nothing is drawn along
  // that end.
  const drawn = roi ? anomalyGrid : anomalyMap;
  const whole = { ...finding, heatmap: slashed(`${stem}.heatmap.png`), map: slashed(`${stem}.map.npy`) };
  await Promise.all([
    ports.images.writePng(whole.heatmap, heatmap(picture, drawn, finding.pixelThreshold, roi), {
      flush: false,
      compress,
    }),
    writeNpy(whole.map, { shape: [anomalyMap.height, anomalyMap.width], data: anomalyMap.data }),
  ]);
  await ports.files.write(`${stem}.json`, `${jsonText(whole)}\n`);
  return whole;
}

function findingText(finding: Finding): string {
  const { image, score, threshold, verdict, breaches, hottest, regions, heatmap: picture } = finding;
  const isAbove = breaches.some(({ rule }) => rule === 'score');
  return [
    verdict.padEnd(9),
    `${figure(score)} ${isAbove ? '>' : '≤'} ${figure(threshold)}`,
    image,
    `hottest at ${hottest.x}, ${hottest.y}`,
    regions.length === 1 ? '1 region' : `${regions.length} regions`,
    ...breaches.filter(({ rule }) => rule !== 'score').map(breachText),
    ...(picture === undefined ? [] : [picture]),
  ].join('  ');
}
