import { createHash } from 'node:crypto';
import type { Sha256 } from '../../services/ports/teacherPorts.ts';
import { fileError } from './fileErrors.ts';
import { openRegular } from './regularFile.ts';

export const sha256: Sha256 = (content) => createHash('sha256').update(content).digest('hex');

const chunkBytes = 2 ** 20;

/** Read in pieces: a large file never lies in memory as a whole. */
export async function hashFile(file: string): Promise<string> {
  try {
    const handle = await openRegular(file);
    try {
      const digest = createHash('sha256');
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, (await handle.stat()).size + 1));
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
        digest.update(buffer.subarray(0, bytesRead));
        // A short read is the end of a plain file; of others, another read tells.
        if (bytesRead === 0) return digest.digest('hex');
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError('read', file, error);
  }
}
