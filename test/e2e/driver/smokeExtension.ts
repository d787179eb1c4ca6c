import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';

const manifest = {
  name: 'smoke',
  publisher: 'nferd-tests',
  version: '1.0.0',
  engines: { vscode: '^1.100.0' },
  main: './extension.js',
  contributes: {
    commands: [
      { command: 'smoke.show', title: 'Show smoke' },
      { command: 'smoke.hello', title: 'Hello', category: 'Smoke' },
    ],
    menus: { 'explorer/context': [{ command: 'smoke.show', when: 'resourceExtname == .png' }] },
    configuration: { properties: { 'smoke.greeting': { type: 'string', default: 'unset' } } },
  },
};

// Plain text, not a function turned into text: what runs in VS Code must be seen as it is.
const extension = String.raw`
const vscode = require('vscode');

function html(webview, picture) {
  const nonce = 'n0nce';
  return '<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src ' +
    webview.cspSource + '; script-src \'nonce-' + nonce + '\'">' +
    '<h1 id="greeting">…</h1><img id="picture" src="' + webview.asWebviewUri(picture) + '">' +
    '<script>document.documentElement.dataset.unsafe = "ran"</script>' +
    '<script nonce="' + nonce + '">' +
    'const host = acquireVsCodeApi();' +
    'addEventListener("message", (event) => { greeting.textContent = event.data; });' +
    'host.postMessage("ready");' +
    '</script>';
}

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand('smoke.hello', () => vscode.window.showInformationMessage('Hello from smoke')),
    vscode.commands.registerCommand('smoke.show', (uri, selected) => {
      const panel = vscode.window.createWebviewPanel('smoke', 'Smoke', vscode.ViewColumn.One, {
        enableScripts: true,
        localResourceRoots: [vscode.Uri.joinPath(uri, '..')],
      });
      const greet = () => {
        const names = selected.map((each) => each.path.split('/').pop()).join(' + ');
        panel.webview.postMessage(vscode.workspace.getConfiguration('smoke').get('greeting') + ' ' + names);
      };
      panel.webview.onDidReceiveMessage(greet);
      const settings = vscode.workspace.onDidChangeConfiguration(greet);
      panel.onDidDispose(() => settings.dispose());
      panel.webview.html = html(panel.webview, uri);
    }),
  );
};
`;

/**
 * Writes an extension of two commands and a webview under a strict CSP to `folder`, packages it,
 * returns the .vsix.
 */
export async function packageSmokeExtension(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(path.join(folder, 'README.md'), '# Smoke\n\nProves that the driver drives.\n');
  await writeFile(path.join(folder, 'extension.js'), extension);
  const packagePath = path.join(folder, 'smoke.vsix');
  await createVSIX({ cwd: folder, packagePath, dependencies: false, allowMissingRepository: true, skipLicense: true });
  return packagePath;
}
