import { detectorKey, type DetectionIdentity } from '../../../protocol/detectionIdentity.ts';
import type { DetectorSummary } from '../../../protocol/engine.ts';

/** What is remembered of a detection after its maps were let go. */
export interface Finding extends DetectionIdentity {
  readonly score: number;
  readonly detector: Pick<DetectorSummary, 'folder' | 'name' | 'thresholds' | 'calibrationScores' | 'calibrationPeaks'>;
  readonly foundMs: number;
  /** Areas at a pixel threshold, in square pixels; absent where no rule needed them. */
  readonly regions?: { readonly pixelThreshold: number; readonly areas: readonly number[] };
}

const version = 1;
/** The oldest beyond these are forgotten. */
const most = 5000;

/** Both, the newer of each image, the newest last. */
export function mergeFindings(
  ours: ReadonlyMap<string, Finding>,
  theirs: ReadonlyMap<string, Finding>,
): Map<string, Finding> {
  const merged = new Map(ours);
  for (const finding of theirs.values()) {
    if (finding.foundMs >= (merged.get(finding.image)?.foundMs ?? -Infinity)) merged.set(finding.image, finding);
  }
  const ordered = [...merged.values()].sort((a, b) => a.foundMs - b.foundMs);
  return byImage(ordered.slice(-most));
}

/** As JSON; a detector is written once, however many images it judged. */
export function findingsText(findings: ReadonlyMap<string, Finding>): string {
  const detectors = new Map<string, { readonly at: number; readonly detector: Finding['detector'] }>();
  const rows = [...findings.values()].map(({ detector, ...finding }) => {
    const key = detectorKey({ detector, ...finding });
    if (!detectors.has(key)) detectors.set(key, { at: detectors.size, detector });
    return { ...finding, detector: detectors.get(key)!.at };
  });
  return JSON.stringify({
    version,
    detectors: [...detectors.values()].map(({ detector }) => detector),
    findings: rows,
  });
}

/**
 * What `findingsText` wrote; none from a file of another version or a damaged one, and no entry
 * that makes no sense.
 */
export function parseFindings(text: string): Map<string, Finding> {
  try {
    const file = JSON.parse(text) as { version: unknown; detectors: unknown[]; findings: { detector: number }[] };
    if (file.version !== version) return new Map();
    const found = file.findings.map((row) => ({ ...row, detector: file.detectors[row.detector] }) as Finding);
    return byImage(found.filter(isFinding));
  } catch {
    return new Map();
  }
}

const byImage = (findings: readonly Finding[]) => new Map(findings.map((finding) => [finding.image, finding]));

function isFinding({ image, detector, ...numbers }: Finding): boolean {
  const { score, imageMs, imageBytes, detectorMs, foundMs } = numbers;
  return (
    typeof image === 'string' &&
    typeof detector?.folder === 'string' &&
    Array.isArray(detector.calibrationScores) &&
    Array.isArray(detector.calibrationPeaks) &&
    [score, imageMs, imageBytes, detectorMs, foundMs, detector.thresholds?.image].every(Number.isFinite)
  );
}
