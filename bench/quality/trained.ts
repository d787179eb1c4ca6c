import { normalTrainingItems } from '../../src/dataset/normalTrainingItems.ts';
import type { DetectorConfig } from '../../src/nferd/config.ts';
import { fitInput } from '../../src/services/train/fitInput.ts';
import { openDetector } from '../../src/services/detect/openDetector.ts';
import type { EnginePorts } from '../../src/services/ports/enginePorts.ts';
import { readDataset } from '../../src/services/dataset/readDataset.ts';
import type { Teacher } from '../../src/services/teacher/teacherStore.ts';
import { trainDetector } from '../../src/services/train/trainDetector.ts';
import { measure, type Quality, type Variant } from './variants.ts';

export interface Trial {
  /** A dataset: its normal images train, its test images measure. */
  readonly folder: string;
  readonly out: string;
  readonly name: string;
  readonly teacher: Teacher;
  readonly config: DetectorConfig;
  readonly seed: number;
}

/** Trains a detector and measures it as each of the variants. */
export async function trainedQuality(
  { folder, ...trial }: Trial,
  variants: Readonly<Record<string, Variant>>,
  ports: EnginePorts,
): Promise<Record<string, Quality>> {
  const items = normalTrainingItems(await readDataset(folder, ports));
  const images = items.map((item) => `${folder}/${item.path}`);
  // As `nferd train` chooses it.
  const { config } = await fitInput(trial.config, images, {}, ports.images);
  const { detector } = await trainDetector(
    {
      ...trial,
      config,
      images,
      source: folder,
      falseAlarmRate: 0.05,
      createdAt: new Date().toISOString(),
    },
    ports,
    { clock: () => performance.now() },
  );
  const loaded = await openDetector(detector, ports, { sideBySide: true });
  const found = await measure(folder, loaded, variants, ports);
  await loaded.session.release();
  return found;
}
