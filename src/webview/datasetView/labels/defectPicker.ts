import { h } from '../../ui/dom.ts';
import { textfield } from '../../ui/editorControls.ts';
import { t } from '../../ui/l10n.ts';

/** Asks for a defect type: one that is known, or a new one. */
export function defectPicker(onPick: (defectType: string | undefined) => void) {
  const list = h('ul', { attrs: { role: 'listbox', 'aria-label': t('Defect types') } });
  const input = textfield(t('Defect type'), 'defectType', t('Type a name or choose one'), () => draw());
  let types: readonly string[] = [];
  let at = -1;
  const element = h(
    'dialog',
    { className: 'picker-dialog', data: { testid: 'defectPicker' }, attrs: { 'aria-label': t('Defect type') } },
    input,
    list,
    h('p', { className: 'note' }, t('Enter takes it, Escape leaves the defect type as it is.')),
  );
  const matching = () => types.filter((type) => type.toLowerCase().includes(input.value.trim().toLowerCase()));
  const done = (type: string | undefined) => {
    element.close();
    onPick(type);
  };
  function draw(): void {
    const found = matching();
    at = Math.min(at, found.length - 1);
    list.replaceChildren(
      ...found.map((type, i) =>
        h(
          'li',
          { attrs: { role: 'option', 'aria-selected': String(i === at) }, on: { click: () => done(type) } },
          type,
        ),
      ),
    );
    list.hidden = found.length === 0;
  }
  element.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      at = Math.max(-1, Math.min(matching().length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)));
      draw();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const typed = input.value.trim();
      done(at >= 0 ? matching()[at] : typed || undefined);
    }
  });
  return {
    element,
    open(known: readonly string[]): void {
      types = known;
      at = -1;
      input.value = '';
      draw();
      element.showModal();
      input.focus();
    },
  };
}
