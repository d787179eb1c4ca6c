import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

export interface PageParts {
  readonly script: string;
  readonly style: string;
}

/** The bundle, to be put into pages: a page that fetches nothing is on screen sooner. */
export function readPageParts(dist: vscode.Uri): PageParts {
  const read = (name: string) => readFileSync(path.join(dist.fsPath, name), 'utf8');
  return {
    script: read('anomalyView.js').replaceAll('</script', '<\\/script'),
    style: read('anomalyView.css').replaceAll('</style', '<\\/style'),
  };
}

/** The view's page: one script and one style sheet of ours, and nothing else may run or load. @param image is loaded at once */
export function pageOf(webview: vscode.Webview, { script, style }: PageParts, image: string): string {
  const nonce = randomBytes(18).toString('base64url');
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `img-src ${webview.cspSource} blob:`,
  ].join('; ');
  const texts = JSON.stringify(vscode.l10n.bundle ?? {}).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="${vscode.env.language}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="preload" as="image" crossorigin href="${image.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}" />
    <title>${vscode.l10n.t('Anomaly view')}</title>
    <style nonce="${nonce}">${style}</style>
  </head>
  <body>
    <main id="app"></main>
    <script type="application/json" id="texts" nonce="${nonce}">${texts}</script>
    <script type="module" nonce="${nonce}">${script}</script>
  </body>
</html>`;
}
