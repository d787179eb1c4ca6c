import * as zlib from 'node:zlib';

/** CRC-32 (ISO 3309) of `data` behind what `before` is of. zlib has it from Node 20.15 on. */
export const crc32 = (data: Buffer, before = 0): number => (zlib.crc32 ?? slowCrc32)(data, before);

function slowCrc32(data: Buffer, before: number): number {
  let crc = ~before;
  for (const byte of data) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Of each byte, by the reflected polynomial of ISO 3309. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
