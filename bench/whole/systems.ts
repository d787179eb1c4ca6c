import type { Once, Peer, Way } from '../inspect/children.ts';
import { fixed, median } from '../report.ts';

/** Our inspections: `whole` as they are, `apart` with one part after the other. */
export interface Ours {
  readonly whole: readonly (Once & Memory)[];
  readonly apart: Once;
  /** From the files to a detector of as many images as the peers' banks. */
  readonly trainSeconds: number;
  readonly startMs: number;
}
interface Memory {
  readonly peakMiB?: number;
}

/** A column of the table; times in milliseconds an image. */
interface System {
  readonly title: string;
  readonly decode: number;
  readonly inference: number;
  readonly rest: number;
  readonly whole: number;
  readonly peakMiB?: number | undefined;
  readonly trainSeconds?: number | undefined;
  readonly startSeconds?: number;
}

const perImage = (seconds: number, images: number): number => (1000 * seconds) / images;

/** The faster of anomalib's two ways to load images, as the median of the rounds. */
export const predictWay = ({ default: one, batches }: Peer): Way => (one.seconds < batches.seconds ? one : batches);

/** Of an inspection. */
export const secondsAnImage = ({ lookingSeconds, looked }: Once): number => lookingSeconds / looked;

function ourColumn({ whole, apart, trainSeconds, startMs }: Ours): System {
  const { looked, lookingSeconds, parts } = apart;
  return {
    title: 'ours',
    decode: parts.decode / looked,
    inference: parts.session / looked,
    rest: perImage(lookingSeconds, looked) - (parts.decode + parts.session) / looked,
    whole: 1000 * median(whole.map(secondsAnImage)),
    peakMiB: Math.max(...whole.map(({ peakMiB }) => peakMiB ?? 0)),
    trainSeconds,
    startSeconds: startMs / 1000,
  };
}

function peerColumn(title: string, ways: readonly Way[], { images }: Peer, more: Partial<System>): System {
  const of = (part: 'decode' | 'model' | 'seconds'): number => perImage(median(ways.map((way) => way[part])), images);
  const peaks = ways.flatMap(({ peakMiB }) => peakMiB ?? []);
  return {
    title,
    decode: of('decode'),
    inference: of('model'),
    rest: of('seconds') - of('decode') - of('model'),
    whole: of('seconds'),
    ...(peaks.length > 0 && { peakMiB: Math.max(...peaks) }),
    ...more,
  };
}

/** A column for each system, a row for each part of the work. */
export function systemsTable(ours: Ours, peers: Readonly<Record<string, readonly Peer[]>>): string[][] {
  const columns = [ourColumn(ours)];
  for (const [name, runs] of Object.entries(peers)) {
    const [first] = runs;
    if (!first) continue;
    const { startSeconds, trainSeconds } = first;
    columns.push(peerColumn(`${name}, Engine.predict`, runs.map(predictWay), first, { startSeconds, trainSeconds }));
    const exported = runs.flatMap(({ openvino }) => openvino ?? []);
    if (exported.length > 0) columns.push(peerColumn(`${name}, OpenVINO export`, exported, first, {}));
  }
  const row = (what: string, digits: number, of: (system: System) => number | undefined): string[] => [
    what,
    ...columns.map((system) => (of(system) === undefined ? '' : fixed(of(system)!, digits))),
  ];
  return [
    ['', ...columns.map(({ title }) => title)],
    row('decode and resize, ms', 1, ({ decode }) => decode),
    row('inference, ms', 1, ({ inference }) => inference),
    row('post-processing and the rest, ms', 1, ({ rest }) => rest),
    row('end to end, ms', 1, ({ whole }) => whole),
    row('images/s', 1, ({ whole }) => 1000 / whole),
    row('peak memory, MiB', 0, ({ peakMiB }) => peakMiB),
    row('time to a detector, s', 1, ({ trainSeconds }) => trainSeconds),
    row('process start → first result, s', 1, ({ startSeconds }) => startSeconds),
  ];
}
