import type { DatasetViewHost } from '../../../protocol/datasetView.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { t } from '../../ui/l10n.ts';

/** What can be done with the whole of the dataset. */
export type HostAction =
  'inspect' | 'cancel' | 'selectDetector' | 'train' | 'exportLabels' | 'importLabels' | 'undo' | 'redo' | 'report';

const skippedText = ({ skipped }: { readonly skipped: number }): string =>
  skipped === 0 ? '' : t('Labelled elsewhere meanwhile, and left as they are: {0} images.', skipped);

/**
 * Has the host do it.
 * @param threshold undefined where there are no results, of which there is then no report
 * @returns what there is to say of it, if anything
 */
export async function runOnHost(
  host: Remote<DatasetViewHost>,
  action: HostAction,
  threshold: number | undefined,
): Promise<string> {
  const run: Readonly<Record<HostAction, () => Promise<unknown>>> = {
    inspect: () => host.inspect(),
    cancel: () => host.cancel(),
    selectDetector: () => host.selectDetector(),
    train: () => host.train(),
    exportLabels: () => host.exportLabels(),
    importLabels: () => host.importLabels(),
    undo: async () => skippedText(await host.undo()),
    redo: async () => skippedText(await host.redo()),
    report: async () => threshold !== undefined && host.writeReport({ imageThreshold: threshold }),
  };
  const said = await run[action]();
  return typeof said === 'string' ? said : '';
}
