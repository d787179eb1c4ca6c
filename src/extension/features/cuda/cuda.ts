import * as vscode from 'vscode';
import type { Engine, Progress } from '../../../protocol/engine.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { commandButton, offer, signalOf } from '../../messages.ts';
import { progressText } from '../train/progressText.ts';

interface CudaParts {
  readonly engine: () => Remote<Engine>;
  /** The engine that runs has looked for CUDA already: the next one finds what has changed. */
  readonly renew: () => void;
}

/**
 * Asks with the plan in view, installs, and says what the proof measured.
 * @throws RpcError with the reason; nothing is left then
 */
export async function installCuda({ engine, renew }: CudaParts): Promise<void> {
  const { t } = vscode.l10n;
  const plan = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t('Looking for a GPU') },
    () => engine().planCuda(),
  );
  const install = t('Install');
  const withLibraries = t('Install with CUDA libraries');
  const detail = [
    t('The second choice also fetches those of CUDA and cuDNN that this machine lacks.'),
    t('That takes its own pip and about 2 GB, under the licence of NVIDIA.'),
    t('Nothing is written outside of the storage of this extension.'),
  ].join(' ');
  const chosen = await vscode.window.showInformationMessage(
    t('Install the CUDA runtime?'),
    { modal: true, detail: [...plan, '', detail].join('\n') },
    install,
    withLibraries,
  );
  if (!chosen) return;
  const report = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: t('Installing CUDA'), cancellable: true },
    (progress, token) => {
      let reported = 0;
      let phase = '';
      const onProgress = (now: Progress) => {
        if (now.phase !== phase) reported = 0;
        phase = now.phase;
        const share = now.total > 0 ? (100 * now.done) / now.total : 0;
        progress.report({ message: progressText(now, t), increment: Math.max(0, share - reported) });
        reported = share;
      };
      const request = { libraries: chosen === withLibraries };
      return engine().installCuda(request, { signal: signalOf(token), onProgress, untilEnded: true });
    },
  );
  renew();
  await offer(
    vscode.window.showInformationMessage,
    t(
      'CUDA works: one detection takes {0} ms on the GPU, {1} ms on the processor.',
      report.cudaMs.toFixed(1),
      report.cpuMs.toFixed(1),
    ),
    commandButton(t('Doctor'), 'nferd.doctor'),
  );
}

/** Removes what was installed. */
export async function removeCuda({ engine, renew }: CudaParts): Promise<void> {
  const { t } = vscode.l10n;
  const removed = await engine().removeCuda();
  renew();
  void vscode.window.showInformationMessage(
    removed ? t('The CUDA runtime was removed.') : t('There was no CUDA runtime to remove.'),
  );
}
