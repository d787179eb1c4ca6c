import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { arraysToJson } from '../protocol/arrayJson.ts';
import type { Port } from '../protocol/rpc.ts';

export interface PageParts {
  readonly script: string;
  readonly style: string;
}

/**
 * The bundle of a webview, to be put into pages: a page that fetches nothing is on screen sooner.
 * @param view its name in src/webview
 */
export function readPageParts(dist: vscode.Uri, view: string): PageParts {
  const read = (name: string) => readFileSync(path.join(dist.fsPath, name), 'utf8');
  return {
    script: read(`${view}.js`).replaceAll('</script', '<\\/script'),
    style: read(`${view}.css`).replaceAll('</style', '<\\/style'),
  };
}

export interface Page {
  readonly title: string;
  /**
   * For the page's script: what is shown at once, each in the element of its name. VS Code holds
   * messages back until the page is loaded.
   */
  readonly data?: Readonly<Record<string, object>>;
  /**
   * An image's file, for `#picture`: decoded before the script runs. Small: the page's `load` event
   * waits for it.
   */
  readonly picture?: Uint8Array;
  /** When VS Code asked for the view, in milliseconds since 1970: for benches. */
  readonly askedMs?: number;
}

/** A view's page: one script and one style sheet of ours, and nothing else may run or load. */
export function pageOf(
  webview: vscode.Webview,
  { script, style }: PageParts,
  { title, data, picture, askedMs }: Page,
): string {
  const nonce = randomBytes(18).toString('base64url');
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `img-src ${webview.cspSource} blob:${picture ? ' data:' : ''}`,
    `connect-src ${webview.cspSource}`,
  ].join('; ');
  const json = (id: string, value: object) => {
    const text = arraysToJson(value, toBase64).replaceAll('<', '\\u003c');
    return `<script type="application/json" id="${id}" nonce="${nonce}">${text}</script>`;
  };
  const clock = { 'asked-ms': askedMs, 'made-ms': nowMs() };
  const marks = Object.entries(clock).map(([name, ms]) =>
    ms === undefined ? '' : ` data-${name}="${Math.round(ms)}"`,
  );
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
    <main id="app"${marks.join('')}></main>
    ${picture ? `<img id="picture" hidden alt="" src="data:;base64,${toBase64(picture)}" />` : ''}
    ${json('texts', vscode.l10n.bundle ?? {})}
    ${Object.entries(data ?? {})
      .map(([id, value]) => json(id, value))
      .join('')}
    <script type="module" nonce="${nonce}">${script}</script>
  </body>
</html>`;
}

/** As a page's own clock, to be compared with it. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

const toBase64 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

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
