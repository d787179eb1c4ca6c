import type { DatasetViewState } from '../../../protocol/datasetView.ts';
import type { Inspection, InspectionMetrics } from '../../../protocol/inspection.ts';
import { memo } from '../../model/memo.ts';
import { h } from '../../ui/dom.ts';
import { button } from '../../ui/editorControls.ts';
import { t } from '../../ui/l10n.ts';
import { stateCounts, type Shown } from '../shown.ts';
import type { HostAction } from './hostAction.ts';
import { progressText } from './progressText.ts';

interface Part {
  readonly element: HTMLElement;
  update(state: DatasetViewState, inspection?: Inspection, metrics?: InspectionMetrics): void;
}

type OnAct = (action: HostAction) => void;

/**
 * How far the inspection is, why it failed, what is left to do, and what is worth knowing of it.
 */
export function inspectionState(onAct: OnAct) {
  const parts: readonly Part[] = [progressLine(onAct), resumeLine(onAct), failureLine(onAct), notesList()];
  const draw = memo((state: DatasetViewState, inspection?: Inspection, metrics?: InspectionMetrics) => {
    for (const part of parts) part.update(state, inspection, metrics);
  });
  return {
    element: h('div', { className: 'below' }, ...parts.map(({ element }) => element)),
    update: ({ state, results, metrics }: Shown): void => draw(state, results?.inspection, metrics),
  };
}

function progressLine(onAct: OnAct) {
  const bar = h('vscode-progress-bar', { ariaLabel: t('Inspection') });
  const text = h('p', { className: 'progress-text', data: { testid: 'progress' }, attrs: { 'aria-live': 'polite' } });
  const stop = button(t('Stop'), { id: 'cancel' }, () => onAct('cancel'));
  const element = h('div', { className: 'progress' }, text, stop, bar);
  return {
    element,
    update({ progress }: DatasetViewState): void {
      element.hidden = !progress;
      if (!progress) return;
      text.textContent = progressText(progress);
      bar.indeterminate = progress.total <= 0;
      if (progress.total > 0) [bar.max, bar.value] = [progress.total, progress.done];
    },
  };
}

function resumeLine(onAct: OnAct) {
  const resume = button(t('Resume'), { id: 'resume', primary: true }, () => onAct('inspect'));
  const rest = h('span', {});
  const element = h('div', { className: 'progress resumable' }, rest, resume);
  return {
    element,
    update({ progress, failure }: DatasetViewState, inspection: Inspection | undefined): void {
      const pending = inspection ? stateCounts(inspection.rows).pending : 0;
      element.hidden = Boolean(progress) || pending === 0 || failure !== undefined;
      rest.textContent = t('{0} images are not inspected yet.', pending);
    },
  };
}

function failureLine(onAct: OnAct) {
  const reason = h('p', { className: 'failure', data: { testid: 'failure' }, attrs: { role: 'alert' } });
  const retry = button(t('Try again'), { id: 'retry', primary: true }, () => onAct('inspect'));
  const train = button(t('Train on normal images…'), { id: 'train', primary: true }, () => onAct('train'));
  const choose = button(t('Select detector'), { id: 'choose' }, () => onAct('selectDetector'));
  const element = h('div', { className: 'failed' }, reason, h('div', { className: 'buttons' }, train, retry, choose));
  return {
    element,
    update({ failure, needsDetector }: DatasetViewState): void {
      element.hidden = !failure;
      reason.textContent = failure ?? '';
      train.hidden = !needsDetector;
      retry.hidden = needsDetector;
    },
  };
}

const mostNotes = 200;

function notesList() {
  const summary = h('summary', {});
  const list = h('ul', {});
  const element = h('details', { className: 'notes' }, summary, list);
  return {
    element,
    update({ hasRules = false }: DatasetViewState, inspection?: Inspection, metrics?: InspectionMetrics): void {
      const rules = t(
        'Here the score alone decides. The rules on regions (nferd.rules) count in the anomaly view and in reports.',
      );
      const lines = [
        ...(hasRules && inspection ? [rules] : []),
        ...(inspection?.notes ?? []),
        ...(metrics?.notes ?? []),
      ];
      element.hidden = lines.length === 0;
      summary.textContent = lines.length === 1 ? lines[0]! : t('{0} notes', lines.length);
      list.replaceChildren(...(lines.length > 1 ? lines.slice(0, mostNotes).map((line) => h('li', {}, line)) : []));
    },
  };
}
