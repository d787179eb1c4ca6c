// What a package really holds: its entries, and the platform that each native binary in it was made
// for.
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

const machines = {
  elf: { 62: 'linux-x64', 183: 'linux-arm64' },
  pe: { 0x8664: 'win32-x64', 0xaa64: 'win32-arm64' },
  mach: { 0x01000007: 'darwin-x64', 0x0100000c: 'darwin-arm64' },
};
const other = (kind, machine) => `${kind} machine 0x${machine.toString(16)}`;

/**
 * The platform of a native binary, `linux-x64`, read from its header (ELF, PE, Mach-O); undefined
 * for any other file.
 */
export function platformOf(bytes) {
  if (bytes.length < 64) return undefined;
  const magic = bytes.readUInt32BE(0);
  if (magic === 0x7f454c46) return named('elf', bytes.readUInt16LE(18));
  if (magic === 0xcffaedfe) return named('mach', bytes.readUInt32LE(4));
  if (magic >>> 16 === 0x4d5a) {
    const header = bytes.readUInt32LE(0x3c);
    const isPe = header + 6 <= bytes.length && bytes.readUInt32LE(header) === 0x4550;
    return isPe ? named('pe', bytes.readUInt16LE(header + 4)) : undefined;
  }
  return undefined;
}

const named = (kind, machine) => machines[kind][machine] ?? other(kind, machine);

/**
 * The files of a zip archive (a .vsix is one; no ZIP64), each with its packed size and a way to its
 * bytes.
 */
export function entriesOf(file) {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error(`${file}: not a zip archive`);
  const entries = [];
  let at = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    const [method, packedBytes, local] = [
      zip.readUInt16LE(at + 10),
      zip.readUInt32LE(at + 20),
      zip.readUInt32LE(at + 42),
    ];
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const read = () => {
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const packed = zip.subarray(start, start + packedBytes);
      return method === 0 ? packed : inflateRawSync(packed);
    };
    if (!name.endsWith('/')) entries.push({ name, packedBytes, read });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

const native = /\.(node|so|dylib|dll|exe)(\.[\d.]+)?$/i;
const needed = [
  /onnxruntime_binding\.node$/,
  /sharp-[\w-]+[\d.-]*\.node$/,
  /libvips/,
  /sqlite\.glibc\.node$/,
  /jpeg-turbo-[^/]*\/[\w-]+\.node$/,
];

/**
 * What is wrong with the native binaries of a packaged extension: made for another platform,
 * unknown, or missing.
 * @returns one line each
 */
export function faultsOf(entries, target) {
  const binaries = entries.map(({ name, read }) => ({ name, platform: platformOf(read()) }));
  const foreign = binaries
    .filter(({ name, platform }) => platform !== target && (platform !== undefined || native.test(name)))
    .map(({ name, platform }) => `${name} is for ${platform ?? 'no platform'}, not for ${target}`);
  const own = binaries.filter(({ platform }) => platform === target);
  const missing = needed.filter((pattern) => !own.some(({ name }) => pattern.test(name)));
  return [...foreign, ...missing.map((pattern) => `no ${pattern.source} for ${target}`)];
}
