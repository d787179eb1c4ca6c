import { button, field, slider, tool } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import { sizes, tools, type MaskTool, type ToolName } from './maskTool.ts';

export type MaskCommand = 'region' | 'close' | 'undo' | 'redo' | 'clear' | 'save' | 'teach' | 'end';

export interface MaskBarEvents {
  readonly onTool: (name: ToolName) => void;
  readonly onSize: (size: number) => void;
  readonly onDo: (what: MaskCommand) => void;
}

const toolNames: Readonly<Record<ToolName, () => string>> = {
  brush: () => t('Brush (B)'),
  eraser: () => t('Eraser (E)'),
  polygon: () => t('Polygon (P): Enter closes it, Escape gives it up'),
};

/** The tools of the mask, shown while it is edited. */
export function maskBar({ onTool, onSize, onDo }: MaskBarEvents) {
  const choices = tools.map(
    (name) => [name, tool(name, `mask-${name}`, toolNames[name](), () => onTool(name))] as const,
  );
  const size = slider('mask-size', { min: 0 }, (value) => onSize(sizes.most ** (value / 100)));
  const edits = editTools(onDo);
  const endings = endingButtons(onDo);
  const note = h('span', { className: 'note', data: { testid: 'mask-note' }, attrs: { role: 'status' } });
  const element = h(
    'div',
    { className: 'toolbar mask', data: { testid: 'mask-bar' }, attrs: { role: 'toolbar', 'aria-label': t('Mask') } },
    h(
      'div',
      { className: 'group' },
      h('div', { className: 'group tools' }, ...choices.map(([, choice]) => choice)),
      field(t('Size'), size, t('Size ([ and ])')),
      edits.element,
    ),
    note,
    endings.element,
  );
  element.hidden = true;
  return {
    element,
    /** @param failure why the mask can't be edited, was not saved or not taught */
    update(mask: MaskTool | undefined, failure: string | undefined, teaching: boolean): void {
      element.hidden = !mask && failure === undefined;
      note.textContent = failure ?? '';
      note.classList.toggle('failure', failure !== undefined);
      if (!mask) return;
      for (const [name, choice] of choices) choice.setAttribute('aria-pressed', String(mask.name === name));
      size.disabled = mask.name === 'polygon';
      if (document.activeElement !== size) size.value = String((100 * Math.log(mask.size)) / Math.log(sizes.most));
      size.setAttribute('aria-valuetext', t('{0} px', mask.size));
      edits.update(mask);
      endings.update(mask, teaching);
      if (failure === undefined && mask.editor.changed)
        note.textContent = teaching ? t('Teaching…') : t('Not saved yet');
    },
  };
}

/** What changes the mask at once. */
function editTools(onDo: MaskBarEvents['onDo']) {
  const region = tool('region', 'mask-region', t('Add the region above the pixel threshold (T)'), () => onDo('region'));
  const undo = tool('undo', 'mask-undo', t('Undo (Ctrl+Z)'), () => onDo('undo'));
  const redo = tool('redo', 'mask-redo', t('Redo (Ctrl+Shift+Z)'), () => onDo('redo'));
  const clear = tool('clear', 'mask-clear', t('Clear the mask'), () => onDo('clear'));
  return {
    element: h('div', { className: 'group tools' }, region, undo, redo, clear),
    update({ editor, corners }: MaskTool): void {
      undo.disabled = !editor.canUndo && corners === 0;
      redo.disabled = !editor.canRedo;
    },
  };
}

/** What becomes of the mask. */
function endingButtons(onDo: MaskBarEvents['onDo']) {
  const close = button(t('Close polygon'), { id: 'mask-close' }, () => onDo('close'));
  const title = [
    t('A new version of the detector learns that what you marked, and did not save, is normal.'),
    t('The dataset view shows the effect before you accept it (Shift+N).'),
  ].join(' ');
  const teach = button(t('Teach as normal'), { id: 'mask-teach', title }, () => onDo('teach'));
  const saveLooks = { id: 'mask-save', primary: true, title: t('Save the mask (Ctrl+S)') };
  const save = button(t('Save mask'), saveLooks, () => onDo('save'));
  const done = button(t('Done'), { id: 'mask-done' }, () => onDo('end'));
  return {
    element: h('div', { className: 'buttons' }, close, teach, save, done),
    update({ editor: { changed }, corners }: MaskTool, teaching: boolean): void {
      save.disabled = teach.disabled = !changed || teaching;
      close.hidden = corners === 0;
    },
  };
}
