import { open } from 'node:fs/promises';

const needed = 1n;
const stringTable = 5n;

/**
 * The file names that a shared library names as needed (DT_NEEDED), in order; of 64-bit
 * little-endian ELF files.
 * @throws Error `FILE: invalid ELF header`, in the loader's own words, where it is no such file
 */
export async function neededLibraries(file: string): Promise<string[]> {
  const handle = await open(file, 'r');
  const read = async (position: bigint | number, length: bigint | number): Promise<Buffer> => {
    const size = Number(length);
    const buffer = Buffer.alloc(size);
    const { bytesRead } = await handle.read(buffer, 0, size, Number(position));
    if (bytesRead < size) throw new Error(`${file}: file too short`);
    return buffer;
  };
  try {
    const header = await read(0, 64);
    if (header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1)
      throw new Error(`${file}: invalid ELF header`);
    const entries = header.readUInt16LE(56);
    const entrySize = header.readUInt16LE(54);
    const table = await read(header.readBigUInt64LE(32), entries * entrySize);
    const segments = Array.from({ length: entries }, (_, i) => {
      const at = i * entrySize;
      const field = (offset: number): bigint => table.readBigUInt64LE(at + offset);
      return { type: table.readUInt32LE(at), offset: field(8), address: field(16), size: field(32) };
    });
    const dynamic = segments.find(({ type }) => type === 2);
    if (!dynamic || dynamic.size > 1n << 20n) throw new Error(`${file}: invalid ELF header`);
    const bytes = await read(dynamic.offset, dynamic.size);
    const tags = Array.from({ length: bytes.length >> 4 }, (_, i) => ({
      tag: bytes.readBigInt64LE(16 * i),
      value: bytes.readBigUInt64LE(16 * i + 8),
    }));
    const address = tags.find(({ tag }) => tag === stringTable)?.value ?? 0n;
    const home = segments.find(
      (part) => part.type === 1 && address >= part.address && address < part.address + part.size,
    );
    if (!home) throw new Error(`${file}: invalid ELF header`);
    const strings = home.offset + address - home.address;
    const names: string[] = [];
    for (const { value } of tags.filter(({ tag }) => tag === needed)) {
      // A name ends within the file, though maybe not within the longest name there can be.
      const buffer = Buffer.alloc(256);
      await handle.read(buffer, 0, 256, Number(strings + value));
      names.push(buffer.toString('latin1', 0, buffer.indexOf(0)));
    }
    return names;
  } finally {
    await handle.close();
  }
}
