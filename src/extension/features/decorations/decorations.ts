import * as vscode from 'vscode';
import { isAnomalous } from '../../../verdict/thresholds.ts';
import { anomalousColor } from '../../ids.ts';
import type { Findings } from '../detect/findings.ts';
import type { Detectors } from '../detectors/detectors.ts';
import type { Thresholds } from '../thresholds/thresholds.ts';

const tellAfterMs = 300;

/** Marks images already found anomalous in the Explorer and in tabs. */
export function decorations(findings: Findings, detectors: Detectors, thresholds: Thresholds): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri[] | undefined>();
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    timer = undefined;
    changed.fire([...waiting].map((image) => vscode.Uri.file(image)));
    waiting.clear();
  };
  /** Together, and not while the view opens that shows what was found. */
  const soon = (images: readonly string[] | undefined) => {
    if (!images) return changed.fire(undefined);
    for (const image of images) waiting.add(image);
    timer ??= setTimeout(tell, tellAfterMs);
  };
  return vscode.Disposable.from(
    changed,
    findings.onDidChange(soon),
    new vscode.Disposable(() => clearTimeout(timer)),
    detectors.onDidChange(() => changed.fire(undefined)),
    thresholds.onDidChange(() => changed.fire(undefined)),
    vscode.window.registerFileDecorationProvider({
      onDidChangeFileDecorations: changed.event as vscode.Event<vscode.Uri | vscode.Uri[] | undefined>,
      async provideFileDecoration(uri) {
        const finding = uri.scheme === 'file' ? findings.of(uri.fsPath) : undefined;
        if (!finding) return undefined;
        const { image } = thresholds.of(finding.detector, uri);
        if (!isAnomalous(finding.score, image.value) || !(await findings.stands(finding))) return undefined;
        return new vscode.FileDecoration(
          '!',
          vscode.l10n.t(
            'Anomalous: score {0} above {1}, by detector "{2}"',
            finding.score.toPrecision(3),
            image.value.toPrecision(3),
            finding.detector.name,
          ),
          new vscode.ThemeColor(anomalousColor),
        );
      },
    }),
  );
}
