import * as vscode from 'vscode';
import type { Action, ViewState } from '../../../protocol/anomalyView.ts';
import type { Log } from '../../../protocol/log.ts';
import { anomalyViewType } from '../../ids.ts';
import { showFailure } from '../../messages.ts';
import type { Train } from '../train/train.ts';
import { numbersText } from './numbers.ts';
import { placeInFolder } from './placeInFolder.ts';

export interface ActionPorts {
  readonly image: vscode.Uri;
  readonly state: () => ViewState;
  readonly detect: () => Promise<void>;
  /** Where the view stands. */
  readonly column: () => vscode.ViewColumn | undefined;
  readonly train: Train;
  readonly log: Log;
}

/** What the view's buttons do. */
export function viewActions(ports: ActionPorts): (action: Action) => Promise<void> {
  const { image, state, detect, train, log } = ports;
  const run: Readonly<Record<Action, () => unknown>> = {
    retry: () => detect(),
    train: () => train.offer(image),
    selectDetector: () => vscode.commands.executeCommand('nferd.selectDetector', image),
    showLog: () => vscode.commands.executeCommand('nferd.showLog'),
    openSettings: () => vscode.commands.executeCommand('workbench.action.openSettings', 'nferd.'),
    openNumbers: () => openNumbers(state()),
    previous: () => step('previous', ports),
    next: () => step('next', ports),
  };
  return async (action) => {
    if (!Object.hasOwn(run, action)) return;
    try {
      await run[action]();
    } catch (error) {
      showFailure(error, log);
    }
  };
}

async function openNumbers({ detection, thresholds }: ViewState): Promise<void> {
  if (!detection || !thresholds) return;
  const content = numbersText(detection, thresholds);
  const document = await vscode.workspace.openTextDocument({ language: 'json', content });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
}

async function step(by: 'previous' | 'next', { image, column }: ActionPorts): Promise<void> {
  const { [by]: next } = await placeInFolder(image.fsPath);
  if (!next || next === image.fsPath) return;
  const viewColumn = column();
  const options = { preview: true, ...(viewColumn && { viewColumn }) };
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(next), anomalyViewType, options);
}
