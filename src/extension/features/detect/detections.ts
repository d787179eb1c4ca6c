import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Detection, DetectorSummary, Engine, FloatMap } from '../../../protocol/engine.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import type { ListedDetector } from '../detectors/detectors.ts';

/** What is remembered of a detection after its maps were let go. */
export interface Finding {
  readonly image: string;
  readonly score: number;
  readonly detector: DetectorSummary;
}

const kept = 8;

/** Detections, each made once for an image and a detector as they are on disk; the last few are kept whole. */
export class Detections {
  readonly #engine: () => Remote<Engine>;
  readonly #recent = new Map<string, Promise<Detection>>();
  readonly #findings = new Map<string, Finding>();
  readonly #found = new vscode.EventEmitter<Detection>();
  readonly onDidDetect = this.#found.event;

  constructor(engine: () => Remote<Engine>) {
    this.#engine = engine;
  }

  async detect(image: string, detector: ListedDetector): Promise<Detection> {
    const file = await stat(image).catch(() => {
      throw new Error(vscode.l10n.t('{0}: is not there any more. Restore it or open another image.', image));
    });
    const key = [image, file.mtimeMs, file.size, detector.folder, detector.modifiedMs].join('\0');
    const known = this.#recent.get(key);
    if (known) return known;
    const made = this.#engine().detect({ image, detector: detector.folder }).then(withOwnMaps);
    this.#recent.set(key, made);
    for (const old of [...this.#recent.keys()].slice(0, -kept)) this.#recent.delete(old);
    try {
      const detection = await made;
      this.#findings.set(image, { image, score: detection.score, detector: detection.detector });
      this.#found.fire(detection);
    } catch (error) {
      this.#recent.delete(key);
      throw error;
    }
    return made;
  }

  findingOf(image: string): Finding | undefined {
    return this.#findings.get(image);
  }

  /** An image that changed or went is not what was found any more. */
  forget(image: string): void {
    this.#findings.delete(image);
  }

  dispose(): void {
    this.#found.dispose();
  }
}

/** What a process sends shares one buffer, which a webview would be sent as a whole for each part. */
function withOwnMaps({ anomalyMap, stages, ...rest }: Detection): Detection {
  const own = (map: FloatMap): FloatMap => ({ ...map, data: map.data.slice() });
  return {
    ...rest,
    anomalyMap: own(anomalyMap),
    stages: stages.map(({ anomalyMap: map, spatialAttention, channelAttention, ...stage }) => ({
      ...stage,
      anomalyMap: own(map),
      ...(spatialAttention && { spatialAttention: own(spatialAttention) }),
      ...(channelAttention && { channelAttention: channelAttention.slice() }),
    })),
  };
}
