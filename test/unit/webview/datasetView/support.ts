import type { DatasetViewState } from '../../../../src/protocol/datasetView.ts';
import { effectiveThresholds } from '../../../../src/verdict/thresholds.ts';
import { knownLabels, type KnownLabel } from '../../../../src/dataset/labels.ts';
import { rowStates, type Inspection, type InspectionRows } from '../../../../src/protocol/inspection.ts';

export interface Row {
  readonly path: string;
  /** NaN: not inspected yet. */
  readonly score: number;
  readonly label?: KnownLabel;
  readonly defect?: string;
  readonly trained?: boolean;
}

/** Rows as the engine would send them. */
export function rowsOf(rows: readonly Row[]): InspectionRows {
  const defectTypes = [...new Set(rows.flatMap(({ defect }) => (defect ? [defect] : [])))];
  return {
    paths: rows.map(({ path }) => path),
    state: Uint8Array.from(rows, ({ score }) => rowStates.indexOf(Number.isNaN(score) ? 'pending' : 'done')),
    score: Float32Array.from(rows, ({ score }) => score),
    peak: Float32Array.from(rows, ({ score }) => score),
    folderLabel: Uint8Array.from(rows, ({ label = 'unknown' }) => knownLabels.indexOf(label)),
    folderDefect: Int16Array.from(rows, ({ defect }) => (defect ? defectTypes.indexOf(defect) : -1)),
    defectTypes,
    trained: Uint8Array.from(rows, ({ trained }) => (trained ? 1 : 0)),
    failures: {},
  };
}

export const inspectionOf = (rows: readonly Row[], threshold = 1): Inspection => ({
  folder: '/set',
  layout: 'folder',
  detector: {
    folder: '/detector',
    name: 'detector',
    mode: 'instant',
    teacher: 'efficientnet-lite0',
    input: { width: 256, height: 256 },
    normalImages: 20,
    createdAt: '2026-01-01T00:00:00Z',
    version: '1',
    thresholds: { image: threshold, pixel: threshold, falseAlarmRate: 0.1, promised: true },
    calibrationScores: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
    calibrationPeaks: [1],
  },
  rows: rowsOf(rows),
  labels: {},
  notes: [],
});

/** No setting of a threshold. */
export const unset = { image: null, pixel: null, falseAlarmRate: null };

/** What the host says of an inspection that nothing was done with yet. */
export const stateOf = (inspection: Inspection): DatasetViewState => ({
  folder: '/set',
  name: 'set',
  inspection,
  thresholds: effectiveThresholds(inspection.detector, unset),
  needsDetector: false,
  canUndo: false,
  canRedo: false,
  canUndoThreshold: false,
  colorMap: 'inferno',
  detectors: [],
});
