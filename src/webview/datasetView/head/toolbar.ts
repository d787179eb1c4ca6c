import type { DatasetViewState } from '../../../protocol/datasetView.ts';
import type { Inspection } from '../../../protocol/inspection.ts';
import { memo } from '../../model/memo.ts';
import { link, tool } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import { stateCounts, type Shown } from '../shown.ts';
import type { HostAction } from './hostAction.ts';

export interface ToolbarEvents {
  readonly onAct: (action: HostAction) => void;
  readonly onHelp: () => void;
}

/** Which folder, judged by what, and what can be done with the whole of it. */
export function toolbar({ onAct, onHelp }: ToolbarEvents) {
  const name = h('h1', { className: 'name', data: { testid: 'name' } });
  const about = h('p', { className: 'about', data: { testid: 'about' } });
  const detector = link('', 'detector', () => onAct('selectDetector'), t('Select another detector'));
  const undo = tool('undo', 'undo', t('Undo label (Ctrl+Z)'), () => onAct('undo'));
  const redo = tool('redo', 'redo', t('Redo label (Ctrl+Shift+Z)'), () => onAct('redo'));
  const again = tool('refresh', 'inspect', t('Inspect again: new and changed images only'), () => onAct('inspect'));
  const whole = [
    tool('import', 'import', t('Import labels…'), () => onAct('importLabels')),
    tool('export', 'export', t('Export labels…'), () => onAct('exportLabels')),
    tool('report', 'report', t('Write report…'), () => onAct('report')),
  ];
  const help = tool('help', 'help', t('Keys (?)'), onHelp);
  const attrs = { role: 'toolbar', 'aria-label': t('Dataset') };
  const element = h(
    'header',
    { className: 'toolbar' },
    h('div', { className: 'title' }, name, about, detector),
    h('div', { className: 'tools', attrs }, undo, redo, again, ...whole, help),
  );
  /** Nothing of it follows the threshold. */
  const draw = memo((state: DatasetViewState, inspection: Inspection | undefined) => {
    name.textContent = state.name;
    name.title = state.folder;
    about.textContent = inspection ? aboutText(inspection) : '';
    detector.textContent = inspection?.detector.name ?? '';
    detector.hidden = !inspection;
    undo.disabled = !state.canUndo;
    redo.disabled = !state.canRedo;
    // They need what an inspection knows, and the engine to themselves.
    for (const each of whole) each.disabled = !inspection || state.progress !== undefined;
  });
  return { element, update: ({ state, results }: Shown): void => draw(state, results?.inspection) };
}

function aboutText({ rows, layout }: Inspection): string {
  const { failed } = stateCounts(rows);
  const parts = [t('{0} images', rows.paths.length), failed > 0 ? t('{0} failed', failed) : '', layout];
  return parts.filter(Boolean).join(' · ');
}
