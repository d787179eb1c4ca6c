import { h, icon, type IconName } from '../lib/dom.ts';
import { t } from '../lib/l10n.ts';
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

function tool(name: IconName, title: string, click: () => void): HTMLButtonElement {
  const attrs = { 'aria-label': title };
  const data = { testid: `mask-${name}` };
  return h('button', { type: 'button', className: 'tool', title, data, attrs, on: { click } }, icon(name));
}

/** The tools of the mask, shown while it is edited. */
export function maskBar({ onTool, onSize, onDo }: MaskBarEvents) {
  const choices = tools.map((name) => [name, tool(name, toolNames[name](), () => onTool(name))] as const);
  const size = h('input', {
    type: 'range',
    id: 'mask-size',
    min: '0',
    max: '100',
    data: { testid: 'mask-size' },
    on: { input: () => onSize(sizes.most ** (size.valueAsNumber / 100)) },
  });
  const region = tool('region', t('Add the region above the pixel threshold (T)'), () => onDo('region'));
  const undo = tool('undo', t('Undo (Ctrl+Z)'), () => onDo('undo'));
  const redo = tool('redo', t('Redo (Ctrl+Shift+Z)'), () => onDo('redo'));
  const clear = tool('clear', t('Clear the mask'), () => onDo('clear'));
  const close = h(
    'button',
    { type: 'button', data: { testid: 'mask-close' }, on: { click: () => onDo('close') } },
    t('Close polygon'),
  );
  const save = h(
    'button',
    {
      type: 'button',
      className: 'primary',
      title: t('Save the mask (Ctrl+S)'),
      data: { testid: 'mask-save' },
      on: { click: () => onDo('save') },
    },
    t('Save mask'),
  );
  const teach = h(
    'button',
    {
      type: 'button',
      title: t(
        'A new version of the detector learns that what you marked, and did not save, is normal; the dataset view shows the effect before you accept it (Shift+N)',
      ),
      data: { testid: 'mask-teach' },
      on: { click: () => onDo('teach') },
    },
    t('Teach as normal'),
  );
  const done = h(
    'button',
    { type: 'button', data: { testid: 'mask-done' }, on: { click: () => onDo('end') } },
    t('Done'),
  );
  const note = h('span', { className: 'note', data: { testid: 'mask-note' }, attrs: { role: 'status' } });
  const element = h(
    'div',
    { className: 'toolbar mask', data: { testid: 'mask-bar' }, attrs: { role: 'toolbar', 'aria-label': t('Mask') } },
    h(
      'div',
      { className: 'group' },
      h('div', { className: 'group tools' }, ...choices.map(([, button]) => button)),
      h(
        'label',
        { className: 'field', title: t('Size ([ and ])') },
        h('span', { className: 'label' }, t('Size')),
        size,
      ),
      h('div', { className: 'group tools' }, region, undo, redo, clear),
    ),
    note,
    h('div', { className: 'buttons' }, close, teach, save, done),
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
      for (const [name, button] of choices) button.setAttribute('aria-pressed', String(mask.name === name));
      size.disabled = mask.name === 'polygon';
      if (document.activeElement !== size) size.value = String((100 * Math.log(mask.size)) / Math.log(sizes.most));
      size.setAttribute('aria-valuetext', t('{0} px', mask.size));
      const { canUndo, canRedo, changed } = mask.editor;
      undo.disabled = !canUndo && mask.corners === 0;
      redo.disabled = !canRedo;
      save.disabled = teach.disabled = !changed || teaching;
      close.hidden = mask.corners === 0;
      if (failure === undefined && changed) note.textContent = teaching ? t('Teaching…') : t('Not saved yet');
    },
  };
}
