import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { detectionKey, type DetectionIdentity } from '../../../protocol/detectionIdentity.ts';
import type { FloatMap } from '../../../maps/floatMap.ts';
import type { Detection, Engine } from '../../../protocol/engine.ts';
import type { Log } from '../../../protocol/log.ts';
import { LruMap } from '../../../common/lruMap.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import type { ListedDetector } from '../detectors/detectors.ts';
import type { Thresholds } from '../thresholds/thresholds.ts';
import type { Findings } from './findings.ts';
import type { Finding } from './findingsFile.ts';
import { neededAreas } from './judge.ts';

const kept = 8;

interface Recent {
  readonly identity: DetectionIdentity;
  readonly detection: Promise<Detection>;
}

/**
 * The one place that detections start. Each is made once for an image and a detector as they are on
 * disk: the command starts it while the view still opens, and the view joins it. The last few are
 * kept whole.
 */
export class Detections {
  readonly #engine: (resource: vscode.Uri) => Remote<Engine>;
  readonly #findings: Findings;
  readonly #thresholds: Thresholds;
  readonly #log: Log;
  /** Under way or made. */
  readonly #recent = new LruMap<string, Recent>(kept);
  readonly #subscription: vscode.Disposable;
  readonly #found = new vscode.EventEmitter<Detection>();
  readonly onDidDetect = this.#found.event;

  constructor(engine: (resource: vscode.Uri) => Remote<Engine>, findings: Findings, thresholds: Thresholds, log: Log) {
    this.#engine = engine;
    this.#findings = findings;
    this.#thresholds = thresholds;
    this.#log = log;
    this.#subscription = thresholds.onDidChange(() => void this.#noteAgain());
  }

  /** Starts one, or joins it. @param many no view waits for it */
  async detect(image: string, detector: ListedDetector, many = false): Promise<Detection> {
    const file = await stat(image).catch(() => {
      throw new Error(vscode.l10n.t('{0}: is not there any more. Restore it or open another image.', image));
    });
    const detectorMs = detector.modifiedMs;
    const identity = { image, imageMs: file.mtimeMs, imageBytes: file.size, detector, detectorMs };
    const key = detectionKey(identity);
    const known = this.#recent.get(key);
    if (known) return known.detection;
    const started = this.#start(identity, detector.name, many);
    this.#recent.set(key, { identity, detection: started });
    // What failed may work when it is asked for again.
    started.catch(() => this.#recent.delete(key));
    return started;
  }

  async #start(identity: DetectionIdentity, name: string, many: boolean): Promise<Detection> {
    const { image } = identity;
    const found = await this.#engine(vscode.Uri.file(image)).detect({
      image,
      detector: identity.detector.folder,
      many,
    });
    const detection = named(withOwnMaps(found), name);
    this.#note(identity, detection);
    const [score, ms] = [detection.score.toPrecision(4), Math.round(detection.elapsedMs)];
    this.#log.debug(`${image}: score ${score} by "${name}", ${ms} ms on ${detection.executionProvider}`);
    this.#found.fire(detection);
    return detection;
  }

  #note(identity: DetectionIdentity, detection: Detection): void {
    const { folder, name, thresholds, calibrationScores, calibrationPeaks } = detection.detector;
    this.#findings.add({
      ...identity,
      score: detection.score,
      detector: { folder, name, thresholds, calibrationScores, calibrationPeaks },
      foundMs: Date.now(),
      ...this.#regions(detection),
    });
  }

  /** What is at hand may have to be judged by its regions now. */
  async #noteAgain(): Promise<void> {
    for (const { identity, detection } of this.#recent.values()) {
      const found = await detection.catch(() => undefined);
      const finding = this.#findings.of(identity.image);
      if (found && finding && detectionKey(finding) === detectionKey(identity)) this.#note(identity, found);
    }
  }

  #regions(detection: Detection): Pick<Finding, 'regions'> {
    const image = vscode.Uri.file(detection.image);
    const pixelThreshold = this.#thresholds.of(detection.detector, image).pixel.value;
    const areas = neededAreas(detection, pixelThreshold, this.#thresholds.rules(image));
    return areas ? { regions: { pixelThreshold, areas } } : {};
  }

  /** An image that changed or went is not what was found any more. */
  forget(image: string): void {
    this.#findings.forget(image);
  }

  dispose(): void {
    vscode.Disposable.from(this.#subscription, this.#found).dispose();
  }
}

/**
 * A detector is called as its folder is, also where that was copied or renamed: by that name the
 * settings choose it.
 */
const named = (detection: Detection, name: string): Detection => ({
  ...detection,
  detector: { ...detection.detector, name },
});

/**
 * What a process sends shares one buffer, which a webview would be sent as a whole for each part.
 */
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
