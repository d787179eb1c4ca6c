/*
 * The extension host's part, played in the page itself: generated results, for developing the view
 * and for its bench.
 */
import {
  stateChange,
  type DatasetViewApp,
  type DatasetViewHost,
  type DatasetViewState,
} from '../../../src/protocol/datasetView.ts';
import type { LabelLine } from '../../../src/dataset/labels.ts';
import { mapSide, thumbnailSide, type Inspection, type Thumbnail } from '../../../src/protocol/inspection.ts';
import { connect, type Connection, type Handlers, type Port } from '../../../src/protocol/rpc.ts';
import { effectiveThresholds } from '../../../src/verdict/thresholds.ts';
import { generatedInspection, generatedMetrics, generatedProjection, randomFrom } from '../rows.ts';

const parameters = new URLSearchParams(location.search);
const count = Number(parameters.get('rows') ?? 100_000);
/** How long a request to the engine takes. */
const delayMs = Number(parameters.get('delay') ?? 15);
document.body.className = parameters.get('theme') ?? 'vscode-dark';

let heard: (message: unknown) => void = () => undefined;
const port: Port = {
  post: (data) => void setTimeout(() => window.dispatchEvent(new MessageEvent('message', { data }))),
  listen(onMessage) {
    heard = onMessage;
    return () => undefined;
  },
};
let kept: unknown;
Object.assign(globalThis, {
  acquireVsCodeApi: () => ({
    // Only the host's port hears these; the view hears the events of the window.
    postMessage: (message: unknown) => void setTimeout(() => heard(message)),
    getState: () => kept,
    setState: (state: unknown) => (kept = state),
  }),
});

const inspection = generatedInspection(count);
const thresholds = (image: number | null) =>
  effectiveThresholds(inspection.detector, { image, pixel: null, falseAlarmRate: null });
let state: DatasetViewState = {
  folder: inspection.folder,
  name: 'generated',
  inspection,
  thresholds: thresholds(null),
  needsDetector: false,
  canUndo: false,
  canRedo: false,
  canUndoThreshold: false,
  colorMap: 'inferno',
  detectors: [
    { folder: inspection.detector.folder, name: 'generated' },
    { folder: '/other', name: 'other' },
  ],
};

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** A few plates with a spot, as a camera would see them. */
async function pictures(): Promise<Uint8Array[]> {
  const random = randomFrom(3);
  return Promise.all(
    Array.from({ length: 16 }, async (_, i) => {
      const canvas = new OffscreenCanvas(thumbnailSide, thumbnailSide);
      const context = canvas.getContext('2d')!;
      const grey = 90 + i * 5;
      context.fillStyle = `rgb(${grey},${grey},${grey + 6})`;
      context.fillRect(0, 0, thumbnailSide, thumbnailSide);
      for (let k = 0; k < 400; k++) {
        context.fillStyle = `rgba(${random() < 0.5 ? '0,0,0' : '255,255,255'},0.06)`;
        context.fillRect(random() * 160, random() * 160, 2 + random() * 18, 1);
      }
      context.strokeStyle = 'rgba(20,20,20,0.6)';
      context.beginPath();
      context.arc(80, 80, 52, 0, 7);
      context.stroke();
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
      return new Uint8Array(await blob.arrayBuffer());
    }),
  );
}

function heat(row: number): Uint8Array {
  const map = new Uint8Array(mapSide * mapSide);
  const random = randomFrom(row + 1);
  const [cx, cy] = [16 + random() * 32, 16 + random() * 32];
  const peak = Math.min(255, inspection.rows.score[row]! * 95);
  for (let y = 0; y < mapSide; y++) {
    for (let x = 0; x < mapSide; x++) {
      map[y * mapSide + x] = peak * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 120);
    }
  }
  return map;
}

const drawn = pictures();
const history: { before: LabelLine[]; after: LabelLine[] }[] = [];
let undone: typeof history = [];
const at = () => new Date().toISOString();
const labels: Record<string, LabelLine> = {};

function adopt(lines: readonly LabelLine[]): void {
  for (const line of lines) labels[line.image] = line;
  void remote.labelled(lines);
  change({ canUndo: history.length > 0, canRedo: undone.length > 0 });
}

function change(changed: Partial<DatasetViewState>): void {
  state = { ...state, ...changed };
  void remote.update(stateChange(changed));
}

const other = (): Inspection => ({
  ...inspection,
  detector: { ...inspection.detector, name: 'other', folder: '/other', version: '2' },
  rows: {
    ...inspection.rows,
    score: inspection.rows.score.map((score, row) => score * (0.9 + (0.2 * ((row * 7919) % 100)) / 100)),
  },
});

function compare(taught: boolean): void {
  change({ comparison: { inspection: other(), taught }, comparedThresholds: thresholds(null) });
}

const handlers: Handlers<DatasetViewHost> = {
  ready: () => state,
  async thumbnails({ rows }) {
    await sleep(delayMs);
    const all = await drawn;
    return rows.map((row): Thumbnail => ({ row, picture: all[row % all.length]!, map: heat(row) }));
  },
  metrics: async () => generatedMetrics(count),
  projection: async () => generatedProjection(inspection),
  async compareWith() {
    await sleep(300);
    compare(false);
  },
  endComparison: () => change({ comparison: undefined }),
  label({ images, label, defectType }) {
    const after = images.map((image): LabelLine => ({ image, label, ...(defectType && { defectType }), at: at() }));
    history.push({ before: images.map((image) => labels[image] ?? { image, label: null, at: at() }), after });
    undone = [];
    adopt(after);
  },
  undo() {
    const entry = history.pop();
    if (entry) undone.push(entry);
    adopt(entry?.before ?? []);
    return { skipped: 0 };
  },
  redo() {
    const entry = undone.pop();
    if (entry) history.push(entry);
    adopt(entry?.after ?? []);
    return { skipped: 0 };
  },
  saveThresholds({ image }) {
    change({ thresholds: thresholds(image), canUndoThreshold: true });
    return true;
  },
  undoThreshold() {
    change({ thresholds: thresholds(null), canUndoThreshold: false });
    return true;
  },
  async teachAsNormal() {
    await sleep(300);
    compare(true);
  },
  acceptTaught: () => change({ comparison: undefined }),
  discardTaught: () => change({ comparison: undefined }),
  openImage: () => undefined,
  exportLabels: () => undefined,
  importLabels: () => undefined,
  writeReport: () => undefined,
  async inspect() {
    for (let done = 0; done <= 100; done += 5) {
      change({
        progress: { phase: 'Inspecting', done: done * 10, total: 1000, rate: 42.4, remainingMs: (100 - done) * 240 },
      });
      await sleep(100);
    }
    change({ progress: undefined });
  },
  cancel: () => undefined,
  selectDetector: () => undefined,
  train: () => undefined,
};
const { remote }: Connection<DatasetViewApp> = connect<DatasetViewApp, DatasetViewHost>(port, handlers);
