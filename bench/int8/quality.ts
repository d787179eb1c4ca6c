import path from 'node:path';
import { defaultConfig } from '../../src/nferd/config.ts';
import type { Teacher } from '../../src/services/teacher/teacherStore.ts';
import { ports } from '../inspect/subject.ts';
import { trainedQuality } from '../quality/trained.ts';
import type { Quality } from '../quality/variants.ts';

/**
 * An instant detector on this teacher, measured on the folder's test images as bench:quality does.
 */
export async function instantQuality(
  folder: string,
  teacher: Teacher,
  seed: number,
  scratch: string,
): Promise<Quality> {
  const trial = { folder, out: path.join(scratch, 'detector'), name: 'int8', teacher, config: defaultConfig, seed };
  const bank = defaultConfig.map.bankWeights;
  const { instant } = await trainedQuality(trial, { instant: { bank, student: [0, 0, 0] } }, ports);
  return instant!;
}
