import * as vscode from 'vscode';
import { labelFile, ownFolder } from '../../../dataset/onDisk.ts';

/**
 * Tells when a label file that a folder's labels are read from may have changed: its own, and those
 * of folders below. The own one is watched for itself as well: a folder may be large enough to
 * stand in `files.watcherExclude`.
 */
export function watchLabels(folder: vscode.Uri, changed: () => void): vscode.Disposable {
  const watch = (base: vscode.Uri, pattern: string, ignoreChange = false) => {
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(base, pattern),
      false,
      ignoreChange,
    );
    watcher.onDidCreate(changed);
    watcher.onDidChange(changed);
    watcher.onDidDelete(changed);
    return watcher;
  };
  return vscode.Disposable.from(
    watch(vscode.Uri.joinPath(folder, ownFolder), labelFile),
    watch(folder, `**/${ownFolder}/${labelFile}`),
    // Of a folder that comes or goes as a whole, its files aren't named.
    watch(folder, `**/${ownFolder}`, true),
  );
}
