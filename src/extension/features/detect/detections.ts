import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { FloatMap } from '../../../maps/floatMap.ts';
import type { Detection, Engine } from '../../../protocol/engine.ts';
import type { Log } from '../../../protocol/log.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import type { ListedDetector } from '../detectors/detectors.ts';
import type { Findings } from './findings.ts';

const kept = 8;

/** Detections, each made once for an image and a detector as they are on disk; the last few are kept whole. */
export class Detections {
  readonly #engine: (resource: vscode.Uri) => Remote<Engine>;
  readonly #findings: Findings;
  readonly #log: Log;
  readonly #recent = new Map<string, Promise<Detection>>();
  readonly #found = new vscode.EventEmitter<Detection>();
  readonly onDidDetect = this.#found.event;

  constructor(engine: (resource: vscode.Uri) => Remote<Engine>, findings: Findings, log: Log) {
    this.#engine = engine;
    this.#findings = findings;
    this.#log = log;
  }

  /** @param many no view waits for it */
  async detect(image: string, detector: ListedDetector, many = false): Promise<Detection> {
    const file = await stat(image).catch(() => {
      throw new Error(vscode.l10n.t('{0}: is not there any more. Restore it or open another image.', image));
    });
    const key = [image, file.mtimeMs, file.size, detector.folder, detector.modifiedMs].join('\0');
    const known = this.#recent.get(key);
    if (known) return known;
    const made = this.#engine(vscode.Uri.file(image))
      .detect({ image, detector: detector.folder, many })
      .then((detection) => named(withOwnMaps(detection), detector.name));
    this.#recent.set(key, made);
    for (const old of [...this.#recent.keys()].slice(0, -kept)) this.#recent.delete(old);
    try {
      const detection = await made;
      const { folder, name, thresholds, calibrationScores, calibrationPeaks } = detection.detector;
      this.#findings.add({
        image,
        score: detection.score,
        detector: { folder, name, thresholds, calibrationScores, calibrationPeaks },
        imageMs: file.mtimeMs,
        imageBytes: file.size,
        detectorMs: detector.modifiedMs,
        foundMs: Date.now(),
      });
      this.#log.debug(
        `${image}: score ${detection.score.toPrecision(4)} by "${name}", ${Math.round(detection.elapsedMs)} ms on ${detection.executionProvider}`,
      );
      this.#found.fire(detection);
    } catch (error) {
      this.#recent.delete(key);
      throw error;
    }
    return made;
  }

  /** An image that changed or went is not what was found any more. */
  forget(image: string): void {
    this.#findings.forget(image);
  }

  dispose(): void {
    this.#found.dispose();
  }
}

/** A detector is called as its folder is, also where that was copied or renamed: by that name the settings choose it. */
const named = (detection: Detection, name: string): Detection => ({
  ...detection,
  detector: { ...detection.detector, name },
});

/** What a process sends shares one buffer, which a webview would be sent as a whole for each part. */
function withOwnMaps({ anomalyGrid, stages, ...rest }: Detection): Detection {
  const own = (map: FloatMap): FloatMap => ({ ...map, data: map.data.slice() });
  return {
    ...rest,
    anomalyGrid: own(anomalyGrid),
    stages: stages.map(({ anomalyMap: map, spatialAttention, channelAttention, ...stage }) => ({
      ...stage,
      anomalyMap: own(map),
      ...(spatialAttention && { spatialAttention: own(spatialAttention) }),
      ...(channelAttention && { channelAttention: channelAttention.slice() }),
    })),
  };
}
