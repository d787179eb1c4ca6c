import * as vscode from 'vscode';

export interface DefectItem extends vscode.QuickPickItem {
  /** Null: anomalous, of no type. */
  readonly defectType: string | null;
}

/**
 * What can be chosen: the types that are known, the one that is typed where it is new, and none.
 */
export function defectItems(known: readonly string[], typed: string, current: string | null): DefectItem[] {
  const { t } = vscode.l10n;
  const name = typed.trim();
  return [
    ...(name !== '' && !known.includes(name)
      ? [{ label: `$(add) ${name}`, description: t('new defect type'), alwaysShow: true, defectType: name }]
      : []),
    ...known.map((type) => ({
      label: type,
      ...(type === current && { description: t('as it is now') }),
      defectType: type,
    })),
    ...(current === null ? [] : [{ label: `$(circle-slash) ${t('No defect type')}`, defectType: null }]),
  ];
}

/** Asks what kind of defect an image has. @returns undefined where the user thought better of it */
export function pickDefectType(
  image: string,
  known: readonly string[],
  current: string | null,
): Promise<string | null | undefined> {
  const pick = vscode.window.createQuickPick<DefectItem>();
  pick.title = vscode.l10n.t('{0}: anomalous, of which defect type?', image);
  pick.placeholder =
    known.length > 0 ? vscode.l10n.t('Choose one or type a new name') : vscode.l10n.t('Type a name, such as scratch');
  const list = (): void => void (pick.items = defectItems(known, pick.value, current));
  list();
  return new Promise((resolve) => {
    pick.onDidChangeValue(list);
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      // Enter on an empty list says nothing.
      if (!chosen) return;
      resolve(chosen.defectType);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
