import type { Progress } from '../../protocol/engine.ts';
import type { Inspection } from '../../protocol/inspection.ts';
import { h } from '../lib/dom.ts';
import { t } from '../lib/l10n.ts';
import { button, tool } from './controls.ts';
import type { HostAction } from './hostAction.ts';
import { memo, stateCounts, type Shown } from './shown.ts';

export interface ToolbarEvents {
  readonly onAct: (action: HostAction) => void;
  readonly onHelp: () => void;
}

/** `48 s`, `3 min 5 s`, `2 h 10 min`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t('{0} s', seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t('{0} min {1} s', minutes, seconds % 60);
  return t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}

export function progressText({ phase, done, total, rate, remainingMs }: Progress): string {
  const parts = [
    total > 0 ? t('{0}: {1} of {2}', phase, done, total) : phase,
    rate !== undefined && rate > 0 ? t('{0} images/s', rate < 10 ? rate.toFixed(1) : Math.round(rate)) : '',
    remainingMs === undefined ? '' : t('{0} left', durationText(remainingMs)),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** Which folder, judged by what, how far it is, and what can be done with the whole of it. */
export function toolbar({ onAct, onHelp }: ToolbarEvents) {
  const name = h('h1', { className: 'name', data: { testid: 'name' } });
  const about = h('p', { className: 'about', data: { testid: 'about' } });
  const detector = h('button', {
    type: 'button',
    className: 'link',
    title: t('Select another detector'),
    data: { testid: 'detector' },
    on: { click: () => onAct('selectDetector') },
  });
  const undo = tool('undo', 'undo', t('Undo label (Ctrl+Z)'), () => onAct('undo'));
  const redo = tool('redo', 'redo', t('Redo label (Ctrl+Shift+Z)'), () => onAct('redo'));
  const whole = [
    tool('import', 'import', t('Import labels…'), () => onAct('importLabels')),
    tool('export', 'export', t('Export labels…'), () => onAct('exportLabels')),
    tool('report', 'report', t('Write report…'), () => onAct('report')),
  ];
  const bar = h('vscode-progress-bar', { ariaLabel: t('Inspection') });
  const text = h('p', { className: 'progress-text', data: { testid: 'progress' }, attrs: { 'aria-live': 'polite' } });
  const stop = button(t('Stop'), { id: 'cancel' }, () => onAct('cancel'));
  const progress = h('div', { className: 'progress' }, text, stop, bar);
  const failure = h('p', { className: 'failure', data: { testid: 'failure' }, attrs: { role: 'alert' } });
  const retry = button(t('Try again'), { id: 'retry', secondary: false }, () => onAct('inspect'));
  const train = button(t('Train on normal images…'), { id: 'train', secondary: false }, () => onAct('train'));
  const choose = button(t('Select detector'), { id: 'choose' }, () => onAct('selectDetector'));
  const failed = h('div', { className: 'failed' }, failure, h('div', { className: 'buttons' }, train, retry, choose));
  const resume = button(t('Resume'), { id: 'resume', secondary: false }, () => onAct('inspect'));
  const rest = h('span', {});
  const resumable = h('div', { className: 'progress resumable' }, rest, resume);
  const notes = h('details', { className: 'notes' }, h('summary', {}), h('ul', {}));
  const element = h(
    'header',
    { className: 'toolbar' },
    h('div', { className: 'title' }, name, about, detector),
    h(
      'div',
      { className: 'tools', attrs: { role: 'toolbar', 'aria-label': t('Dataset') } },
      undo,
      redo,
      tool('refresh', 'inspect', t('Inspect again: new and changed images only'), () => onAct('inspect')),
      ...whole,
      tool('help', 'help', t('Keys (?)'), onHelp),
    ),
  );
  const below = h('div', { className: 'below' }, progress, resumable, failed, notes);
  const draw = memo((state: Shown['state'], inspection: Inspection | undefined) => {
    const { progress: now } = state;
    name.textContent = state.name;
    name.title = state.folder;
    const { pending = 0, failed: failures = 0 } = inspection ? stateCounts(inspection.rows) : {};
    about.textContent = inspection
      ? [
          t('{0} images', inspection.rows.paths.length),
          failures > 0 ? t('{0} failed', failures) : '',
          inspection.layout,
        ]
          .filter(Boolean)
          .join(' · ')
      : '';
    detector.textContent = inspection?.detector.name ?? '';
    detector.hidden = !inspection;
    undo.disabled = !state.canUndo;
    redo.disabled = !state.canRedo;
    // They need what an inspection knows, and the engine to themselves.
    for (const each of whole) each.disabled = !inspection || now !== undefined;
    progress.hidden = !now;
    if (now) {
      text.textContent = progressText(now);
      bar.indeterminate = now.total <= 0;
      if (now.total > 0) [bar.max, bar.value] = [now.total, now.done];
    }
    resumable.hidden = Boolean(now) || pending === 0 || state.failure !== undefined;
    rest.textContent = t('{0} images are not inspected yet.', pending);
    failed.hidden = !state.failure;
    failure.textContent = state.failure ?? '';
    train.hidden = !state.needsDetector;
    retry.hidden = state.needsDetector;
    const lines = inspection?.notes ?? [];
    notes.hidden = lines.length === 0;
    notes.querySelector('summary')!.textContent = lines.length === 1 ? lines[0]! : t('{0} notes', lines.length);
    notes
      .querySelector('ul')!
      .replaceChildren(...(lines.length > 1 ? lines.slice(0, 200).map((line) => h('li', {}, line)) : []));
  });
  return {
    element,
    below,
    /** Nothing of it follows the threshold. */
    update: ({ state, results }: Shown): void => draw(state, results?.inspection),
  };
}
