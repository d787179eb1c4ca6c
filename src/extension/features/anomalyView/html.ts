import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The view's page: one script and one style sheet of ours, and nothing else may run or load. */
export function pageOf(webview: vscode.Webview, dist: vscode.Uri): string {
  const nonce = randomBytes(18).toString('base64url');
  const uri = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} blob:`,
  ].join('; ');
  const texts = JSON.stringify(vscode.l10n.bundle ?? {}).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="${vscode.env.language}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${vscode.l10n.t('Anomaly view')}</title>
    <link rel="stylesheet" href="${uri('anomalyView.css')}" />
  </head>
  <body>
    <main id="app"></main>
    <script type="application/json" id="texts" nonce="${nonce}">${texts}</script>
    <script type="module" nonce="${nonce}" src="${uri('anomalyView.js')}"></script>
  </body>
</html>`;
}
