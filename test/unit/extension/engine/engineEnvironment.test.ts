import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { engineEnvironment } from '../../../../src/extension/features/cuda/engineEnvironment.ts';
import { proxyFor } from '../../../../src/runtime/net/downloadRequest.ts';

const environment = (libraryPath: string, network: Parameters<typeof engineEnvironment>[2]) =>
  engineEnvironment('/storage', libraryPath, network, path.posix.join);
const own = { NFERD_CUDA_FOLDER: '/storage/cuda', NFERD_MODEL_CACHE: '/storage/optimised' };

test("the engine keeps everything in the extension's storage and has the editor's proxy", () => {
  assert.deepEqual(environment('', {}), own);
  assert.deepEqual(environment('/opt/x', { proxy: '', strictSsl: true }), {
    ...own,
    NFERD_CUDA_LIBRARY_PATH: '/opt/x',
  });
  const through = environment('', {
    proxy: 'http://proxy:3128',
    noProxy: ['a.example', '*.b.example'],
    strictSsl: false,
  });
  assert.equal(through.NFERD_STRICT_SSL, '0');
  const hosts = {
    'https://feed.example/x': 'proxy:3128',
    'https://a.example/x': undefined,
    'https://c.b.example/': undefined,
  };
  for (const [url, host] of Object.entries(hosts)) assert.equal(proxyFor(new URL(url), through)?.host, host, url);
  assert.deepEqual(environment('', { proxy: 'http://proxy:3128', support: 'off' }), own);
});
