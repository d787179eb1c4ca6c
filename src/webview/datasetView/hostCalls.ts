import type { DatasetViewHost } from '../../protocol/datasetView.ts';
import type { Remote } from '../../protocol/rpc.ts';
import type { Screen } from '../ui/screen.ts';
import { targets } from './grid/selection.ts';
import { runOnHost, type HostAction } from './head/hostAction.ts';
import type { StatusLine } from './head/statusLine.ts';
import type { Model, Shown } from './shown.ts';

/** What the view asks the host for, labels apart; a failure is said. */
export function hostCalls(host: Remote<DatasetViewHost>, screen: Screen<Model, Shown>, { tell, say }: StatusLine) {
  const pathsOf = (rows: readonly number[]): string[] => {
    const paths = screen.shown.results?.inspection.rows.paths;
    return rows.flatMap((row) => paths?.[row] ?? []);
  };
  return {
    async act(action: HostAction): Promise<void> {
      const done = await tell(runOnHost(host, action, screen.shown.results?.threshold));
      if (done) say(done);
    },
    open(row: number): void {
      const [image] = pathsOf([row]);
      if (image !== undefined) void tell(host.openImage({ image }));
    },
    async saveThreshold(image: number | null): Promise<void> {
      const saved = await tell(host.saveThresholds({ image }));
      const { ui } = screen.state;
      if (saved) screen.changeSoon({ ui: { ...ui, draft: undefined, dragging: false } });
    },
    undoThreshold: (): void => void tell(host.undoThreshold()),
    teach(): void {
      if (screen.shown.results) void tell(host.teachAsNormal({ images: pathsOf(targets(screen.state.ui.selection)) }));
    },
    compareWith: (detector: string): void => void tell(host.compareWith({ detector })),
    endComparison: (): void => void tell(host.endComparison()),
    acceptTaught: (): void => void tell(host.acceptTaught()),
    discardTaught: (): void => void tell(host.discardTaught()),
  };
}
