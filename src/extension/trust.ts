import * as vscode from 'vscode';
import { commandButton, Failure } from './messages.ts';

/**
 * Nothing of a workspace is read by the engine before it is trusted: native code decodes its images
 * and runs its detectors.
 * @throws Failure with a way to trust it
 */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  const { t } = vscode.l10n;
  throw new Failure(
    t('NFERD reads images and runs detectors of this workspace by native code. Trust the workspace first.'),
    commandButton(t('Manage workspace trust'), 'workbench.trust.manage'),
  );
}
