import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Port } from '../protocol/rpc.ts';

export interface PageParts {
  readonly script: string;
  readonly style: string;
}

/** The bundle of a webview, to be put into pages: a page that fetches nothing is on screen sooner. @param view its name in src/webview */
export function readPageParts(dist: vscode.Uri, view: string): PageParts {
  const read = (name: string) => readFileSync(path.join(dist.fsPath, name), 'utf8');
  return {
    script: read(`${view}.js`).replaceAll('</script', '<\\/script'),
    style: read(`${view}.css`).replaceAll('</style', '<\\/style'),
  };
}

export interface Page {
  readonly title: string;
  /** For the page's script, in `#state`: what is shown at once. VS Code holds messages back until the page is loaded. */
  readonly state?: object;
}

/** A view's page: one script and one style sheet of ours, and nothing else may run or load. */
export function pageOf(webview: vscode.Webview, { script, style }: PageParts, { title, state }: Page): string {
  const nonce = randomBytes(18).toString('base64url');
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `img-src ${webview.cspSource} blob:`,
    `connect-src ${webview.cspSource}`,
  ].join('; ');
  const json = (id: string, value: object) =>
    `<script type="application/json" id="${id}" nonce="${nonce}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`;
  // For benches: when VS Code asked for the view.
  const askedMs = Math.round(performance.timeOrigin + performance.now());
  return `<!doctype html>
<html lang="${vscode.env.language}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <style nonce="${nonce}">${style}</style>
  </head>
  <body>
    <main id="app" data-asked-ms="${askedMs}"></main>
    ${json('texts', vscode.l10n.bundle ?? {})}
    ${json('state', state ?? {})}
    <script type="module" nonce="${nonce}">${script}</script>
  </body>
</html>`;
}

/** The channel to a webview. */
export function portOf(webview: vscode.Webview): Port {
  return {
    post: (message) => void webview.postMessage(message),
    listen(onMessage) {
      const subscription = webview.onDidReceiveMessage(onMessage);
      return () => subscription.dispose();
    },
  };
}
