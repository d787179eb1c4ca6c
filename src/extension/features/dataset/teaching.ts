import path from 'node:path';
import * as vscode from 'vscode';
import { mapSide, type Inspection, type InspectionEngine, type NormalRegion } from '../../../protocol/inspection.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { effectiveThresholds, type ThresholdSettings } from '../../../verdict/thresholds.ts';
import { Failure } from '../../messages.ts';
import { flaggedRegions } from './flaggedRegions.ts';
import { ownInspection } from './ownBuffers.ts';
import { acceptTaught, newTaught, removeTaught, type Taught } from './taughtFolders.ts';
import type { Work, WorkOptions } from './work.ts';

/** The view whose detector is taught. */
export interface TaughtView {
  readonly folder: vscode.Uri;
  readonly engine: () => Pick<Remote<InspectionEngine>, 'teachAsNormal' | 'inspect' | 'thumbnails'>;
  readonly work: Work;
  /** The folder that detectors are in. */
  readonly detectors: () => string;
  readonly thresholds: () => ThresholdSettings;
  /** In the anomaly view, where a region is marked by hand. */
  readonly openImage: (image: string) => void;
}

/** Thumbnails that are asked for at once. */
const batch = 64;

/** Teaches places as normal: the new version waits until it is accepted or discarded. */
export class Teaching {
  readonly #view: TaughtView;
  #waiting: Taught | undefined;

  constructor(view: TaughtView) {
    this.#view = view;
  }

  /** Asks what of the images is normal, then teaches it as `teachRegions` does. */
  async teach(inspection: Inspection, images: readonly string[]): Promise<Inspection | undefined> {
    this.#view.work.check();
    const places = await askPlaces(images.length);
    if (!places) return undefined;
    if (places === 'marked') return void this.#view.openImage(images[0]!);
    return this.teachRegions(inspection, (options) =>
      places === 'images' ? images.map((image) => ({ image })) : this.#flagged(inspection, images, options),
    );
  }

  /** @returns what the new version finds; undefined where it failed or the user stopped it, and an earlier one then goes on waiting */
  async teachRegions(
    inspection: Inspection,
    regionsOf: (options: WorkOptions) => readonly NormalRegion[] | Promise<readonly NormalRegion[]>,
  ): Promise<Inspection | undefined> {
    const { work, folder, engine, detectors } = this.#view;
    const key = { folder: folder.fsPath, detector: inspection.detector.folder };
    return work.run(vscode.l10n.t('Teaching'), async (given) => {
      // What is stopped must have ended before its folder goes.
      const options = { ...given, untilEnded: true };
      const regions = await regionsOf(options);
      const taught = await newTaught(key.detector, detectors());
      try {
        await engine().teachAsNormal({ ...key, regions, out: taught.folder }, options);
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

  /** Where the images' maps lie above the pixel threshold, as the thumbnails show them. */
  async #flagged(
    { detector, rows }: Inspection,
    images: readonly string[],
    options: WorkOptions,
  ): Promise<NormalRegion[]> {
    const { folder, engine, thresholds } = this.#view;
    // A thumbnail's map ends at three times the calibrated threshold.
    const level = (255 * effectiveThresholds(detector, thresholds()).pixel.value) / (3 * detector.thresholds.pixel);
    const wanted = new Set(images);
    const all = rows.paths.flatMap((image, row) => (wanted.has(image) ? [row] : []));
    const regions: NormalRegion[] = [];
    for (let from = 0; from < all.length; from += batch) {
      const request = { folder: folder.fsPath, detector: detector.folder, rows: all.slice(from, from + batch) };
      for (const { row, map } of await engine().thumbnails(request, options)) {
        const image = rows.paths[row]!;
        if (map) regions.push(...flaggedRegions(map, mapSide, level).map((region) => ({ image, region })));
      }
    }
    if (regions.length > 0) return regions;
    throw new Failure(
      vscode.l10n.t(
        '{0}: nothing lies above the pixel threshold. Teach the whole image instead.',
        path.basename(images[0]!),
      ),
    );
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
