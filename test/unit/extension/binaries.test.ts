import assert from 'node:assert/strict';
import { test } from 'node:test';

interface Entry {
  readonly name: string;
  read(): Buffer;
}
// By its address: it is plain JavaScript, which the compiler has no types for.
const { faultsOf } = (await import(new URL('../../../scripts/binaries.mjs', import.meta.url).href)) as {
  faultsOf(entries: readonly Entry[], target: string): string[];
};

function header(fill: (bytes: Buffer) => void): () => Buffer {
  const bytes = Buffer.alloc(256);
  fill(bytes);
  return () => bytes;
}

const elf = (machine: number) =>
  header((bytes) => {
    bytes.write('\x7fELF', 'latin1');
    bytes.writeUInt16LE(machine, 18);
  });
const pe = (machine: number) =>
  header((bytes) => {
    bytes.write('MZ', 'latin1');
    bytes.writeUInt32LE(128, 0x3c);
    bytes.write('PE\0\0', 128, 'latin1');
    bytes.writeUInt16LE(machine, 132);
  });
const mach = (cpu: number) =>
  header((bytes) => {
    bytes.writeUInt32LE(0xfeedfacf);
    bytes.writeUInt32LE(cpu, 4);
  });

/** Target → one of its binaries. */
const binaries = {
  'linux-x64': elf(62),
  'linux-arm64': elf(183),
  'win32-x64': pe(0x8664),
  'win32-arm64': pe(0xaa64),
  'darwin-arm64': mach(0x0100000c),
} as const;
const needed = [
  'onnxruntime_binding.node',
  'sharp-linux-x64-0.35.5.node',
  'libvips-cpp.so.8.18.2',
  'sqlite.glibc.node',
  'jpeg-turbo-linux-x64/node-napi-v7.node',
];
const whole = (read: () => Buffer): Entry[] => needed.map((name) => ({ name, read }));

for (const [target, read] of Object.entries(binaries)) {
  test(`a package for ${target} holds its own binaries and no other`, () => {
    const text = { name: 'README.md', read: () => Buffer.from('MZ is how this text begins'.repeat(9)) };
    assert.deepEqual(faultsOf([...whole(read), text], target), []);
    for (const [other, foreign] of Object.entries(binaries)) {
      if (other === target) continue;
      const stray = { name: `stray-${other}`, read: foreign };
      assert.deepEqual(faultsOf([...whole(read), stray], target), [
        `stray-${other} is for ${other}, not for ${target}`,
      ]);
    }
  });
}

test('what is missing or not a binary at all is told', () => {
  const broken = { name: 'broken.dll', read: () => Buffer.alloc(0) };
  assert.deepEqual(faultsOf([...whole(binaries['linux-x64']).slice(1), broken], 'linux-x64'), [
    'broken.dll is for no platform, not for linux-x64',
    'no onnxruntime_binding\\.node$ for linux-x64',
  ]);
});
