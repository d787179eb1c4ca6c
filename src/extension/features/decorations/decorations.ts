import * as vscode from 'vscode';
import type { Breach } from '../../../verdict/rules.ts';
import { anomalousColor } from '../../ids.ts';
import type { Findings } from '../detect/findings.ts';
import { judgeFinding } from '../detect/judge.ts';
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
        const [why] = judgeFinding(finding, thresholds.of(finding.detector, uri), thresholds.rules(uri));
        if (!why || !(await findings.stands(finding))) return undefined;
        return new vscode.FileDecoration(
          '!',
          markText(why, finding.detector.name),
          new vscode.ThemeColor(anomalousColor),
        );
      },
    }),
  );
}

function markText({ rule, value, limit }: Breach, detector: string): string {
  const { t } = vscode.l10n;
  const [has, most] = [value.toPrecision(3), limit.toPrecision(3)];
  const texts: Readonly<Record<Breach['rule'], () => string>> = {
    score: () => t('Anomalous: score {0} above {1}, by detector "{2}"', has, most, detector),
    regions: () =>
      value === 1
        ? t('Anomalous: 1 region, at most {0} allowed, by detector "{1}"', limit, detector)
        : t('Anomalous: {0} regions, at most {1} allowed, by detector "{2}"', value, limit, detector),
    totalArea: () =>
      t(
        'Anomalous: {0} px² in all regions, at most {1} allowed, by detector "{2}"',
        Math.round(value),
        Math.round(limit),
        detector,
      ),
  };
  return texts[rule]();
}
