import type { UserLabel } from '../../../dataset/labels.ts';

/** What a key of the grid does to the selected images. */
export type LabelCommand =
  | { readonly do: 'label'; readonly label: UserLabel; readonly pickType?: boolean }
  | { readonly do: 'falseAlarm' | 'missed' | 'clear' | 'pickType' };

/** Keys, in the order of the help; the first of each is shown on buttons. */
export const labelKeys: readonly { readonly keys: readonly string[]; readonly command: LabelCommand }[] = [
  { keys: ['1', 'n'], command: { do: 'label', label: 'normal' } },
  { keys: ['2', 'a'], command: { do: 'label', label: 'anomalous' } },
  { keys: ['3', 'u'], command: { do: 'label', label: 'unsure' } },
  { keys: ['4', 'x'], command: { do: 'label', label: 'excluded' } },
  { keys: ['f'], command: { do: 'falseAlarm' } },
  { keys: ['m'], command: { do: 'missed' } },
  { keys: ['t'], command: { do: 'pickType' } },
  { keys: ['Delete', 'Backspace'], command: { do: 'clear' } },
];

export interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The command of a key; Shift+A (or Shift+2's letter) asks for the defect type as well. */
export function labelCommand({ key, ctrlKey, metaKey, altKey, shiftKey }: Key): LabelCommand | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  const name = key.length === 1 ? key.toLowerCase() : key;
  const found = labelKeys.find(({ keys }) => keys.includes(name))?.command;
  if (found?.do === 'label' && found.label === 'anomalous' && shiftKey) return { ...found, pickType: true };
  return found;
}

/** Undo, redo, help and select all, which hold everywhere in the view but in text fields. */
export function viewCommand({
  key,
  ctrlKey,
  metaKey,
  altKey,
  shiftKey,
}: Key): 'undo' | 'redo' | 'help' | 'all' | undefined {
  if (key === '?' && !ctrlKey && !metaKey) return 'help';
  if (!(ctrlKey || metaKey) || altKey) return undefined;
  const name = key.toLowerCase();
  if (name === 'z') return shiftKey ? 'redo' : 'undo';
  if (name === 'y') return 'redo';
  return name === 'a' && !shiftKey ? 'all' : undefined;
}
