import * as vscode from 'vscode';
import { effectiveThresholds, isAnomalous } from '../../../protocol/thresholds.ts';
import { anomalousColor } from '../../ids.ts';
import type { Detections } from '../detect/detections.ts';
import { thresholdSettings, type Settings } from '../settings/settings.ts';

/** Marks images already found anomalous in the Explorer and in tabs. */
export function decorations(detections: Detections, settings: Settings): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri | undefined>();
  return vscode.Disposable.from(
    changed,
    detections.onDidDetect(({ image }) => changed.fire(vscode.Uri.file(image))),
    settings.onDidChange(() => changed.fire(undefined)),
    vscode.window.registerFileDecorationProvider({
      onDidChangeFileDecorations: changed.event as vscode.Event<vscode.Uri | vscode.Uri[] | undefined>,
      provideFileDecoration(uri) {
        const finding = uri.scheme === 'file' ? detections.findingOf(uri.fsPath) : undefined;
        if (!finding) return undefined;
        const { image } = effectiveThresholds(finding.detector, thresholdSettings(settings.read(uri).values));
        if (!isAnomalous(finding.score, image.value)) return undefined;
        return new vscode.FileDecoration(
          '!',
          vscode.l10n.t('Anomalous: score {0} above {1}', finding.score.toPrecision(3), image.value.toPrecision(3)),
          new vscode.ThemeColor(anomalousColor),
        );
      },
    }),
  );
}
