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
  /** Loaded at once. */
  readonly image?: string;
}

/** A view's page: one script and one style sheet of ours, and nothing else may run or load. */
export function pageOf(webview: vscode.Webview, { script, style }: PageParts, { title, image }: Page): string {
  const nonce = randomBytes(18).toString('base64url');
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `img-src ${webview.cspSource} blob:`,
  ].join('; ');
  const preload = image
    ? `<link rel="preload" as="image" crossorigin href="${image.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}" />`
    : '';
  const texts = JSON.stringify(vscode.l10n.bundle ?? {}).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="${vscode.env.language}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    ${preload}
    <title>${title}</title>
    <style nonce="${nonce}">${style}</style>
  </head>
  <body>
    <main id="app"></main>
    <script type="application/json" id="texts" nonce="${nonce}">${texts}</script>
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
