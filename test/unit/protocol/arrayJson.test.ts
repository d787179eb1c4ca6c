import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arraysToJson, jsonToArrays } from '../../../src/protocol/arrayJson.ts';

const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

const cases: [string, unknown][] = [
  ['a map', { map: { width: 2, height: 1, data: Float32Array.of(0.1, -3e-9) } }],
  ['values that JSON has none for', { data: Float32Array.of(NaN, Infinity, -0) }],
  ['bytes and runs', [Uint8Array.of(0, 255), Uint32Array.of(2 ** 32 - 1)]],
  ['part of a buffer', Float32Array.of(1, 2, 3).subarray(1, 2)],
  ['nothing', { data: new Float32Array(0) }],
  ['what only looks like one', { float32: 7, uint8: { uint8: null }, uint32: 'a', length: 1 }],
  ['plain state', { path: '/a</script>.png', list: [1, 'x', null, true], empty: {} }],
];
for (const [what, value] of cases)
  test(`there and back: ${what}`, () =>
    assert.deepEqual(jsonToArrays(arraysToJson(value, toBase64), fromBase64), value));
