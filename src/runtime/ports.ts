import type { EnginePorts } from '../services/enginePorts.ts';
import type { SessionOptions } from '../services/sessionPort.ts';
import { openBankThreads } from './bankThreads.ts';
import { files } from './files.ts';
import { images } from './images.ts';
import { openSession } from './session.ts';
import { sha256 } from './sha256.ts';

/** The engine's outside on this machine. */
export const enginePorts = (compute: SessionOptions): EnginePorts => ({
  files,
  images,
  openSession,
  openBankThreads,
  sha256,
  compute,
});
