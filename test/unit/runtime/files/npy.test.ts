import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { decodeNpy, encodeNpy, readNpy, writeNpy } from '../../../../src/runtime/files/npy.ts';

const fixture = (name: string): string => path.resolve(import.meta.dirname, '../../../fixtures/images', name);
const scratch = mkdtempSync(path.join(tmpdir(), 'nferd-npy-'));
after(() => rmSync(scratch, { recursive: true }));

const shapes: readonly number[][] = [[], [4], [2, 3], [1, 1, 2, 5]];
for (const shape of shapes) {
  test(`[${shape.join(', ')}] comes back`, async () => {
    const length = shape.reduce((a, b) => a * b, 1);
    const array = { shape, data: Float32Array.from({ length }, (_, i) => i / 3 - 1) };
    const file = path.join(scratch, `a${length}.npy`);
    await writeNpy(file, array);
    assert.deepEqual(await readNpy(file), array);
    assert.equal((encodeNpy(array).length - 4 * length) % 64, 0);
  });
}

for (const type of ['f4', 'f8', 'i4', 'i8', 'u2', 'u1', 'b1']) {
  test(`reads what NumPy wrote: ${type}`, async () => {
    const { shape, data } = await readNpy(fixture(`numpy_${type}.npy`));
    assert.deepEqual(shape, [2, 3]);
    assert.deepEqual([...data], type === 'b1' ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 4, 5]);
  });
}

test('our bytes are NumPy’s', async () => {
  const { readFileSync } = await import('node:fs');
  const ours = encodeNpy({ shape: [2, 3], data: Float32Array.from([0, 1, 2, 3, 4, 5]) });
  assert.deepEqual(Buffer.from(ours), readFileSync(fixture('numpy_f4.npy')));
});

test('a bad file is refused in one line', async () => {
  const good = encodeNpy({ shape: [4], data: new Float32Array(4) });
  const text = (find: string, replace: string): Uint8Array =>
    Buffer.from(Buffer.from(good).toString('latin1').replace(find, replace), 'latin1');
  assert.throws(() => decodeNpy(good.subarray(0, good.length - 1)), /is truncated/);
  assert.throws(() => decodeNpy(text('NUMPY', 'NUMPX')), /is not an NPY file/);
  assert.throws(() => decodeNpy(text('<f4', '<c8')), /type <c8, which is not supported/);
  assert.throws(() => decodeNpy(text('False', 'True ')), /Fortran order/);
  const file = path.join(scratch, 'bad.npy');
  writeFileSync(file, 'hello, I am no array');
  await assert.rejects(readNpy(file), { name: 'UserError', message: /bad\.npy: is not an NPY file\. Write it again/ });
  await assert.rejects(readNpy(path.join(scratch, 'none.npy')), { message: /none\.npy: does not exist/ });
  assert.throws(() => encodeNpy({ shape: [3], data: new Float32Array(4) }), RangeError);
});
