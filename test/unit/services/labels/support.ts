import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { files } from '../../../../src/runtime/files/files.ts';
import { images } from '../../../../src/runtime/images/images.ts';
import { labelFiles } from '../../../../src/runtime/store/labelFiles.ts';
import { sha256 } from '../../../../src/runtime/files/sha256.ts';
import type { LabelPorts } from '../../../../src/services/ports/labelPorts.ts';

export const ports: LabelPorts = { files, images, labelFiles, sha256 };

/** A temporary folder, gone after the file's tests. */
export function scratch(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nferd-labels-')).replaceAll('\\', '/');
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const size = { width: 12, height: 8 };

/** A grey picture of `size`; each seed another one. */
export async function drawImage(file: string, seed: number): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true });
  const data = Uint8Array.from({ length: size.width * size.height }, (_, i) => (i * 7 + seed * 31) % 256);
  await images.writePng(file, { ...size, channels: 1, data });
}

/** A rectangle, 1 inside. */
export const rectangle = (left: number, top: number, width: number, height: number): Uint8Array =>
  Uint8Array.from({ length: size.width * size.height }, (_, i) => {
    const [x, y] = [i % size.width, Math.floor(i / size.width)];
    return +(x >= left && x < left + width && y >= top && y < top + height);
  });
