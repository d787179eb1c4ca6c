import * as vscode from 'vscode';
import type { Log } from '../../../protocol/log.ts';
import { chosenImages } from '../../activeImage.ts';
import { anomalyViewType } from '../../ids.ts';
import { Failure, failureText, showFailure, signalOf } from '../../messages.ts';
import { requireTrust } from '../../trust.ts';
import type { Detectors, ListedDetector } from '../detectors/detectors.ts';
import type { Thresholds } from '../thresholds/thresholds.ts';
import type { Train } from '../train/train.ts';
import type { Detections } from './detections.ts';
import { judgeDetection } from './judge.ts';

interface Judged {
  readonly image: vscode.Uri;
  readonly score: number;
  readonly anomalous: boolean;
}

/** The command *Detect anomalies*. */
export class Detect {
  readonly #detectors: Detectors;
  readonly #detections: Detections;
  readonly #thresholds: Thresholds;
  readonly #train: Train;
  readonly #log: Log;

  constructor(detectors: Detectors, detections: Detections, thresholds: Thresholds, train: Train, log: Log) {
    this.#detectors = detectors;
    this.#detections = detections;
    this.#thresholds = thresholds;
    this.#train = train;
    this.#log = log;
  }

  async run(clicked?: unknown, selected?: unknown): Promise<void> {
    requireTrust();
    const images = await chosenImages(clicked, selected);
    const [first] = images;
    if (!first) return;
    // Where one is expected the view need not wait until it is looked up.
    const expected = images.length === 1 && this.#detectors.expects(first);
    const resolving = this.#detectors.resolve(first);
    const detector = expected ? resolving : ((await resolving) ?? (await this.#train.offer(first)));
    if (!detector) return;
    if (images.length > 1) return this.#many(images);
    void this.#begin(first, detector);
    await open(first);
  }

  /**
   * The engine starts on an image while its view is still opening; the view shows what goes wrong.
   */
  async #begin(image: vscode.Uri, resolving: ListedDetector | Promise<ListedDetector | undefined>): Promise<void> {
    try {
      const detector = await resolving;
      if (detector) await this.#detections.detect(image.fsPath, detector);
    } catch {
      // As said.
    }
  }

  async #many(images: readonly vscode.Uri[]): Promise<void> {
    const { t } = vscode.l10n;
    const judged: Judged[] = [];
    const failures: string[] = [];
    const title = t('Detecting anomalies in {0} images', images.length);
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        const signal = signalOf(token);
        for (const [index, image] of images.entries()) {
          if (signal.aborted) break;
          progress.report({ message: `${index + 1} / ${images.length}`, increment: 100 / images.length });
          await this.#judge(image).then(
            (one) => judged.push(one),
            (error: unknown) => failures.push(failureText(error, this.#log) ?? ''),
          );
        }
      },
    );
    if (failures.length > 0) {
      const [reason] = failures;
      showFailure(
        new Error(failures.length === 1 ? reason : t('{0} (and {1} more)', reason!, failures.length - 1)),
        this.#log,
      );
    }
    if (judged.length === 0) return;
    const worst = judged.reduce((most, one) => (one.score > most.score ? one : most));
    await open(worst.image);
    const count = judged.filter(({ anomalous }) => anomalous).length;
    void vscode.window.showInformationMessage(
      t('{0} of {1} images are anomalous. The one with the highest score is open.', count, judged.length),
    );
  }

  async #judge(image: vscode.Uri): Promise<Judged> {
    const detector: ListedDetector | undefined = await this.#detectors.resolve(image);
    if (!detector) throw new Failure(vscode.l10n.t('{0}: its workspace folder has no detector yet.', image.fsPath));
    const detection = await this.#detections.detect(image.fsPath, detector, true);
    const thresholds = this.#thresholds.of(detection.detector, image);
    const breaches = judgeDetection(detection, thresholds, this.#thresholds.rules(image));
    return { image, score: detection.score, anomalous: breaches.length > 0 };
  }
}

const open = (image: vscode.Uri) =>
  vscode.commands.executeCommand('vscode.openWith', image, anomalyViewType, { preview: true });
