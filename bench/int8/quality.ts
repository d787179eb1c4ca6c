import path from 'node:path';
import { normalTrainingItems } from '../../src/dataset/normalTrainingItems.ts';
import { defaultConfig } from '../../src/nferd/config.ts';
import { openDetector } from '../../src/services/detect.ts';
import { readDataset } from '../../src/services/evaluate.ts';
import type { Teacher } from '../../src/services/teacherStore.ts';
import { trainDetector } from '../../src/services/trainDetector.ts';
import { ports } from '../inspect/subject.ts';
import { measure, type Quality } from '../quality/variants.ts';

/** An instant detector on this teacher, measured on the folder's test images as bench:quality does. */
export async function instantQuality(
  folder: string,
  teacher: Teacher,
  seed: number,
  scratch: string,
): Promise<Quality> {
  const items = normalTrainingItems(await readDataset(folder, ports));
  const { detector } = await trainDetector(
    {
      images: items.map((item) => `${folder}/${item.path}`),
      source: folder,
      out: path.join(scratch, 'detector'),
      name: 'int8',
      teacher,
      config: defaultConfig,
      seed,
      falseAlarmRate: 0.05,
      createdAt: new Date().toISOString(),
    },
    ports,
    { clock: () => performance.now() },
  );
  const loaded = await openDetector(detector, ports);
  const bank = defaultConfig.map.bankWeights;
  const { instant } = await measure(folder, loaded, { instant: { bank, student: [0, 0, 0] } }, ports);
  await loaded.session.release();
  return instant!;
}
