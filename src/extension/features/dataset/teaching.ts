import * as vscode from 'vscode';
import type { DetectorSummary } from '../../../protocol/engine.ts';
import type { Inspection, InspectionEngine, NormalPlaces } from '../../../protocol/inspection.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { ownInspection } from './ownBuffers.ts';
import { acceptTaught, newTaught, removeTaught, type Taught } from './taughtFolders.ts';
import type { Work } from './work.ts';

/** The view whose detector is taught. */
export interface TaughtView {
  readonly folder: vscode.Uri;
  readonly engine: () => Pick<Remote<InspectionEngine>, 'teachAsNormal' | 'inspect'>;
  readonly work: Work;
  /** The folder that detectors are in. */
  readonly detectors: () => string;
  /** That counts for a detector's maps in this folder. */
  readonly pixelThreshold: (detector: DetectorSummary) => number;
  /** In the anomaly view, where a region is marked by hand. */
  readonly openImage: (image: string) => void;
}

/** Teaches places as normal: the new version waits until it is accepted or discarded. */
export class Teaching {
  readonly #view: TaughtView;
  #waiting: Taught | undefined;

  constructor(view: TaughtView) {
    this.#view = view;
  }

  /** Asks what of the images is normal, then teaches it as `teachPlaces` does. */
  async teach(inspection: Inspection, images: readonly string[]): Promise<Inspection | undefined> {
    this.#view.work.check();
    const places = await askPlaces(images.length);
    if (!places) return undefined;
    if (places === 'marked') return void this.#view.openImage(images[0]!);
    return this.teachPlaces(
      inspection,
      places === 'images'
        ? { regions: images.map((image) => ({ image })) }
        : { flagged: images, pixelThreshold: this.#view.pixelThreshold(inspection.detector) },
    );
  }

  /**
   * @returns what the new version finds; undefined where it failed or the user stopped it, and an
   * earlier one then goes on waiting
   */
  async teachPlaces(inspection: Inspection, places: NormalPlaces): Promise<Inspection | undefined> {
    const { work, folder, engine, detectors } = this.#view;
    const key = { folder: folder.fsPath, detector: inspection.detector.folder };
    return work.run(vscode.l10n.t('Teaching'), async (given) => {
      // What is stopped must have ended before its folder goes.
      const options = { ...given, untilEnded: true };
      const taught = await newTaught(key.detector, detectors());
      try {
        await engine().teachAsNormal({ ...key, places, out: taught.folder }, options);
        const found = await engine().inspect({ folder: key.folder, detector: taught.folder }, options);
        await this.discard();
        this.#waiting = taught;
        return ownInspection(found);
      } catch (error) {
        await removeTaught(taught);
        throw error;
      }
    });
  }

  /** @returns its name among the detectors; undefined where none waits */
  async accept(): Promise<string | undefined> {
    const taught = this.#waiting;
    if (!taught) return undefined;
    const name = await acceptTaught(taught, this.#view.detectors());
    this.#waiting = undefined;
    return name;
  }

  async discard(): Promise<void> {
    const taught = this.#waiting;
    this.#waiting = undefined;
    if (taught) await removeTaught(taught);
  }
}

async function askPlaces(count: number): Promise<'regions' | 'images' | 'marked' | undefined> {
  const { t } = vscode.l10n;
  const items = [
    {
      places: 'regions' as const,
      label: t('Flagged regions'),
      detail: t('Only what lies above the pixel threshold is normal after all'),
    },
    {
      places: 'images' as const,
      label: count === 1 ? t('The whole image') : t('{0} whole images', count),
      detail: t('Everything in the image is normal'),
    },
    ...(count === 1
      ? [
          {
            places: 'marked' as const,
            label: t('A region marked by hand…'),
            detail: t('Opens the image: edit its mask there (K), mark what is normal, choose "Teach as normal"'),
          },
        ]
      : []),
  ];
  return (await vscode.window.showQuickPick(items, { placeHolder: t('Teach as normal') }))?.places;
}
