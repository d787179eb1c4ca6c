import type { BankThreads } from './bankPorts.ts';
import type { Files, Images } from './disk.ts';
import type { OpenSession, SessionOptions } from './sessionPort.ts';
import type { Sha256 } from './teacherPorts.ts';

/** The outside, as the use cases see it. */
export interface EnginePorts {
  readonly files: Files;
  readonly images: Images;
  readonly openSession: OpenSession;
  /**
   * @param jobBytes that one bank takes. undefined where banks are better chosen one after the
   * other
   */
  readonly openBankThreads: (compute: SessionOptions, jobBytes: number) => BankThreads | undefined;
  readonly sha256: Sha256;
  /** How models are run. */
  readonly compute: SessionOptions;
}
