import type { DatasetViewHost } from '../../protocol/datasetView.ts';
import type { Remote } from '../../protocol/rpc.ts';
import { latestOnly } from '../model/latestOnly.ts';
import { memo } from '../model/memo.ts';
import type { Screen } from '../ui/screen.ts';
import type { StatusLine } from './head/statusLine.ts';
import type { Model, Results, Shown } from './shown.ts';

const quietMs = 250;

/**
 * Metrics follow labels, results and the threshold, at most a few times a second and never while it
 * is dragged. Call it with whatever is shown.
 */
export function measuring(
  host: Pick<Remote<DatasetViewHost>, 'metrics'>,
  screen: Screen<Model, Shown>,
  { tell }: StatusLine,
): (shown: Shown) => void {
  const ask = latestOnly(async (imageThreshold: number) => {
    const metrics = await tell(host.metrics({ imageThreshold }));
    if (metrics) screen.change({ metrics });
  });
  let timer: number | undefined;
  const want = memo(
    (_rows: object, _labels: Results['inspection']['labels'], threshold: number, _version: string): void => {
      clearTimeout(timer);
      timer = window.setTimeout(() => ask(threshold), quietMs);
    },
  );
  return ({ results, state, ui }) => {
    if (!results || ui.dragging || state.progress) return;
    const { rows, labels, detector } = results.inspection;
    want(rows, labels, results.threshold, detector.version);
  };
}
