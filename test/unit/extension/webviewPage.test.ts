import './useFakeVscode.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonToArrays } from '../../../src/protocol/arrayJson.ts';

const { pageOf } = await import('../../../src/extension/webviewPage.ts');
const webview = { cspSource: 'https://own.test' } as never;
const parts = { script: 'run()', style: 'a{}' };
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/** What a browser reads as the text of the script element with this id. */
function textOf(page: string, id: string): string {
  const from = page.indexOf('>', page.indexOf(`id="${id}"`)) + 1;
  return page.slice(from, page.indexOf('</script', from));
}

test('data comes whole, whatever a file is called, and as nothing that runs', () => {
  const state = { name: '</script><script>alert(1)</script><!--.png', map: Float32Array.of(1, -0.5) };
  const page = pageOf(webview, parts, { title: 'View', data: { state } });
  assert.deepEqual(jsonToArrays(textOf(page, 'state'), fromBase64), state);
  assert.equal(page.match(/<script/g)!.length, 3);
  assert.match(page, /<script type="application\/json" id="state" nonce=/);
});

test('only a page with a picture may show data addresses', () => {
  const picture = Uint8Array.of(1, 2, 3).subarray(1);
  const [without, having] = [{}, { picture }].map((more) => pageOf(webview, parts, { title: 'View', ...more })) as [
    string,
    string,
  ];
  assert.match(without, /img-src https:\/\/own\.test blob:;/);
  assert.ok(!without.includes('<img'));
  assert.match(having, /img-src https:\/\/own\.test blob: data:;/);
  assert.ok(having.includes('<img id="picture" hidden alt="" src="data:;base64,AgM=" />'));
});
