import * as vscode from 'vscode';
import { RpcError } from '../protocol/rpc.ts';
import type { Log } from '../protocol/log.ts';

/** What to tell the user of a failure; undefined where they asked for it by cancelling. Bugs go to the log in full. */
export function failureText(error: unknown, log: Log): string | undefined {
  if (error instanceof RpcError && error.ending === 'cancelled') return undefined;
  const message = error instanceof Error ? error.message : String(error);
  log.error(error instanceof Error ? (error.stack ?? message) : message);
  return message;
}

/** Shows a failure with a way to the log. */
export function showFailure(error: unknown, log: Log): void {
  const message = failureText(error, log);
  if (message === undefined) return;
  const button = vscode.l10n.t('Show engine log');
  void vscode.window.showErrorMessage(message, button).then((chosen) => {
    if (chosen) void vscode.commands.executeCommand('nferd.showLog');
  });
}

/** A signal that follows a cancellation token. */
export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
