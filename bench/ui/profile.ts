/** What V8's sampling profiler writes; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of the functions on top of the stack. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly children?: readonly number[];
}

export interface Stretch {
  readonly ms: number;
  /**
   * The functions of ours that were on the stack, the outermost first, by the time they were there.
   */
  readonly where: string;
}

/**
 * A longer time between two samples is one in which the thread had no core: the profiler samples
 * every 0.25 ms.
 */
const longestSampleUs = 1000;

/**
 * The times without a break in which scripts whose address contains `mark` were running or waited
 * for what they had called. Garbage collections in between count as theirs.
 */
export function ourStretches({ nodes, samples, timeDeltas }: CpuProfile, mark: string): Stretch[] {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stackOf = (id: number): ProfileNode[] => {
    const stack: ProfileNode[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) stack.push(byId.get(at)!);
    return stack;
  };
  const ours = new Map(
    nodes.map(({ id }) => [id, stackOf(id).filter(({ callFrame }) => callFrame.url.includes(mark))]),
  );
  const stretches: Stretch[] = [];
  let us = 0;
  let times = new Map<string, number>();
  const end = (): void => {
    if (us > 0) {
      const sorted = [...times].sort((a, b) => b[1] - a[1]).slice(0, 4);
      stretches.push({
        ms: us / 1000,
        where: sorted.map(([name, time]) => `${name} ${(time / 1000).toFixed(1)}`).join(', '),
      });
    }
    us = 0;
    times = new Map();
  };
  samples.forEach((id, index) => {
    const delta = Math.min(timeDeltas[index + 1] ?? 0, longestSampleUs);
    const frames = ours.get(id)!;
    const collecting = us > 0 && byId.get(id)!.callFrame.functionName === '(garbage collector)';
    if (frames.length === 0 && !collecting) return end();
    us += delta;
    const leaf = byId.get(id)!.callFrame;
    const frame = frames[0]?.callFrame;
    const caller = frame ? `${frame.functionName || '(anonymous)'}:${frame.columnNumber}` : '';
    const name = `${caller} > ${leaf.functionName}`;
    times.set(name, (times.get(name) ?? 0) + delta);
  });
  end();
  return stretches;
}
