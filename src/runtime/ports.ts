import type { EnginePorts } from '../services/ports/enginePorts.ts';
import type { SessionOptions } from '../services/ports/sessionPort.ts';
import { openBankThreads } from './banks/bankThreads.ts';
import { files } from './files/files.ts';
import { images } from './images/images.ts';
import { openSession } from './onnx/session.ts';
import { sha256 } from './files/sha256.ts';

/** The engine's outside on this machine. */
export const enginePorts = (compute: SessionOptions): EnginePorts => ({
  files,
  images,
  openSession,
  openBankThreads,
  sha256,
  compute,
});
