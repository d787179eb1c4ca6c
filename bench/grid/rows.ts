import type { LabelLine } from '../../src/dataset/labels.ts';
import type { Inspection, InspectionMetrics } from '../../src/protocol/inspection.ts';

/** A reproducible stream of numbers from 0 to 1 (a 32-bit xorshift). */
export function randomFrom(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const defectTypes = ['scratch', 'dent', 'stain', 'crack'];

/**
 * Results as an inspection of `count` images would give: mostly normal ones, a tenth anomalous, a
 * fifth unlabelled.
 */
export function generatedInspection(count: number): Inspection {
  const random = randomFrom(7);
  const bell = () => (random() + random() + random() + random()) / 2 - 1;
  const folderLabel = new Uint8Array(count);
  const folderDefect = new Int16Array(count).fill(-1);
  const score = new Float32Array(count);
  const trained = new Uint8Array(count);
  const paths = Array.from({ length: count }, (_, row) => {
    const kind = random();
    const name = `${String(row).padStart(6, '0')}.png`;
    if (kind < 0.1) {
      const type = Math.floor(random() * defectTypes.length);
      folderLabel[row] = 2;
      folderDefect[row] = type;
      score[row] = Math.max(0.05, 1.7 + 0.8 * bell());
      return `test/${defectTypes[type]}/${name}`;
    }
    folderLabel[row] = kind < 0.3 ? 0 : 1;
    score[row] = Math.max(0.02, 0.55 + 0.32 * bell());
    trained[row] = kind > 0.97 ? 1 : 0;
    return `${kind < 0.3 ? 'incoming' : kind > 0.97 ? 'train/good' : 'test/good'}/${name}`;
  });
  return {
    folder: '/data/generated',
    layout: 'MVTec AD',
    detector: {
      folder: '/data/.nferd/detectors/generated',
      name: 'generated',
      mode: 'instant',
      teacher: 'efficientnet-lite0',
      input: { width: 256, height: 256 },
      normalImages: 320,
      createdAt: '2026-01-01T00:00:00Z',
      version: '1',
      thresholds: { image: 0.92, pixel: 0.8, falseAlarmRate: 0.05, promised: true },
      calibrationScores: Array.from({ length: 40 }, () => 0.55 + 0.3 * bell()).sort((a, b) => a - b),
      calibrationPeaks: Array.from({ length: 40 }, () => 0.6 + 0.3 * bell()).sort((a, b) => a - b),
    },
    rows: {
      paths,
      state: new Uint8Array(count).fill(1),
      score,
      peak: score.slice(),
      folderLabel,
      folderDefect,
      defectTypes,
      trained,
      failures: {},
    },
    labels: {},
    notes: [],
  };
}

/** Curves of about the right shape. */
export function generatedMetrics(images: number): InspectionMetrics {
  const steps = 200;
  const x = Float64Array.from({ length: steps + 1 }, (_, i) => i / steps);
  const threshold = Float64Array.from({ length: steps + 1 }, (_, i) => 3 * (1 - i / steps));
  const curve = (y: (x: number) => number, scale = 1) => ({ x: x.map((v) => v * scale), y: x.map(y), threshold });
  const defect = (auroc: number) => ({
    images: Math.round(images / 40),
    recall: auroc - 0.05,
    ...{ imageAuroc: auroc, imageAp: auroc - 0.03, recallAt5: auroc - 0.02 },
    ...{ pixelAuroc: 0.97, pixelAp: 0.5, pixelF1Max: 0.52, aupro: 0.9, aupro05: 0.7 },
  });
  return {
    images,
    imageAuroc: 0.968,
    imageAp: 0.931,
    imageF1Max: 0.91,
    recallAt5: 0.94,
    ...{ pixelAuroc: 0.974, pixelAp: 0.487, pixelF1Max: 0.52, aupro: 0.902, aupro05: 0.688 },
    ...{ recall: 0.91, falseAlarmRate: 0.031, falseAlarmInterval: { low: 0.028, high: 0.034 } },
    ...{ pixelF1: 0.44, pixelIou: 0.28 },
    perDefect: { crack: defect(0.98), dent: defect(0.95), scratch: defect(0.97), stain: defect(0.99) },
    roc: curve((v) => v ** 0.08),
    precisionRecall: curve((v) => 1 - 0.4 * v ** 8),
    pro: curve((v) => v ** 0.2, 0.3),
  };
}

/** Two rings and a cloud. */
export function generatedProjection({ rows }: Inspection): { readonly x: Float32Array; readonly y: Float32Array } {
  const random = randomFrom(11);
  const x = new Float32Array(rows.paths.length);
  const y = new Float32Array(rows.paths.length);
  for (let row = 0; row < x.length; row++) {
    const angle = random() * 6.283;
    const radius = rows.folderLabel[row] === 2 ? 2 + rows.folderDefect[row]! * 0.5 + random() : 1 + 0.6 * random();
    x[row] = radius * Math.cos(angle) + (rows.folderLabel[row] === 2 ? 3 : 0);
    y[row] = radius * Math.sin(angle) * 0.7;
  }
  return { x, y };
}

export type Labels = Readonly<Record<string, LabelLine>>;
