import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');

export interface ServedView {
  /** Of the page; `?rows=1000&theme=vscode-light&delay=15` choose what it shows. */
  readonly url: string;
  close(): void;
}

/** Serves the dataset view with generated results on the loopback interface, under the policy that it has in VS Code. */
export async function serveView(port = 0): Promise<ServedView> {
  const bundle = async (file: string): Promise<string> => {
    const options = { bundle: true, write: false, format: 'esm', target: 'chrome120', minify: true } as const;
    const { outputFiles } = await build({ ...options, entryPoints: [path.join(root, file)] });
    return outputFiles[0]!.text;
  };
  const script = await bundle('bench/grid/page/index.ts');
  const themes = await readFile(path.join(root, 'bench/grid/page/themes.css'), 'utf8');
  const style = themes + (await bundle('src/webview/datasetView/datasetView.css'));
  const policy = `default-src 'none'; script-src 'nonce-bench'; style-src 'nonce-bench'; img-src blob:`;
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8" /><meta http-equiv="Content-Security-Policy" content="${policy}" />
<title>Dataset view</title><style nonce="bench">${style}</style></head><body><main id="app"></main>
<script type="application/json" id="texts" nonce="bench">{}</script>
<script type="module" nonce="bench">${script.replaceAll('</script', '<\\/script')}</script></body></html>`;
  const server = createServer((request, response) => {
    const found = request.url?.split('?')[0] === '/';
    response.writeHead(found ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
    response.end(found ? page : '');
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const { port: chosen } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${chosen}/`, close: () => server.close() };
}
