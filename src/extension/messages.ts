import * as vscode from 'vscode';
import { RpcError } from '../protocol/rpc.ts';
import type { Log } from '../protocol/log.ts';

/** What a message offers to do. */
export interface Button {
  readonly title: string;
  readonly run: () => unknown;
}

/** Something that the user can mend, with buttons to do so. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly buttons: readonly Button[];

  constructor(message: string, ...buttons: readonly Button[]) {
    super(message);
    this.buttons = buttons;
  }
}

/** A button that runs a command, `title` already in the user's language. */
export const commandButton = (title: string, command: string, ...args: readonly unknown[]): Button => ({
  title,
  run: () => vscode.commands.executeCommand(command, ...args),
});

/**
 * What to tell the user of a failure; undefined where they asked for it by cancelling. Bugs go to
 * the log in full.
 */
export function failureText(error: unknown, log: Log): string | undefined {
  if (error instanceof RpcError && error.ending === 'cancelled') return undefined;
  const message = error instanceof Error ? error.message : String(error);
  const expected = error instanceof Failure || (error instanceof RpcError && error.forUser);
  if (expected) log.warn(message);
  else log.error(error instanceof Error ? (error.stack ?? message) : message);
  return message;
}

/** Shows a failure with `buttons`, those of its own, and a way to the log. */
export function showFailure(error: unknown, log: Log, ...buttons: readonly Button[]): void {
  const message = failureText(error, log);
  if (message === undefined) return;
  const own = error instanceof Failure ? error.buttons : [];
  const toLog = commandButton(vscode.l10n.t('Show engine log'), 'nferd.showLog');
  void offer(vscode.window.showErrorMessage, message, ...buttons, ...(own.length > 0 ? own : [toLog]));
}

/** Shows a message and does what the user chooses. */
export async function offer(
  show: (message: string, ...titles: string[]) => Thenable<string | undefined>,
  message: string,
  ...buttons: readonly Button[]
): Promise<void> {
  const chosen = await show(message, ...buttons.map(({ title }) => title));
  await buttons.find(({ title }) => title === chosen)?.run();
}

/** A signal that follows a cancellation token. */
export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
