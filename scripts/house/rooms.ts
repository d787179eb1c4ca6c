/**
 * The house: which rooms there are below src, what each is for, and what it may import. A file is
 * in the room whose path is the longest that begins its own. test/unit/house.test.ts holds every
 * import against this table, and `npm run docs` writes it into ARCHITECTURE.md.
 */
export interface Room {
  readonly what: string;
  /** Rooms, beside the room itself. */
  readonly mayImport: readonly string[];
}

const pure = ['common', 'graph', 'metrics', 'dataset', 'maps', 'verdict', 'nferd'];
const services = [
  'services/ports',
  'services/provider',
  'services/dataset',
  'services/teacher',
  'services/cuda',
  'services/detect',
  'services/train',
  'services/evaluate',
  'services/labels',
  'services/inspect',
  'services/report',
  'services/teach',
  'services/doctor',
];
const runtime = [
  'runtime',
  'runtime/threads',
  'runtime/files',
  'runtime/net',
  'runtime/cuda',
  'runtime/onnx',
  'runtime/banks',
  'runtime/images',
  'runtime/store',
];

export const rooms: Readonly<Record<string, Room>> = {
  common: { what: 'data structures without a subject', mayImport: [] },
  graph: { what: 'ONNX graphs: builder, shapes, gradients, Adam, model bytes', mayImport: [] },
  metrics: { what: 'AUROC, AUPRO, AP, F1, IoU, recall, intervals, regions of a mask', mayImport: [] },
  dataset: { what: 'layouts, labels, their file formats, names on disk, splits; from path lists', mayImport: [] },
  maps: {
    what: 'anomaly maps as grids of numbers: enlarging, shrinking, regions above a threshold',
    mayImport: ['dataset', 'metrics'],
  },
  verdict: {
    what: 'thresholds, their conformal promise, rules on regions, proposals from labels',
    mayImport: ['dataset', 'metrics'],
  },
  nferd: { what: 'the method: teacher, bank, HAFM, student, loss, map', mayImport: ['graph', 'metrics', 'dataset'] },
  protocol: {
    what: 'contracts between engine, extension and views; one typed RPC',
    mayImport: ['dataset', 'maps', 'verdict'],
  },
  charts: {
    what: 'charts without a document: bins, bars, curves, operating points',
    mayImport: ['dataset', 'verdict', 'protocol'],
  },

  'services/ports': {
    what: 'what the use cases need from outside, as interfaces; errors, progress',
    mayImport: ['graph', 'nferd', 'protocol'],
  },
  'services/provider': {
    what: 'does an execution provider compute rightly?',
    mayImport: ['graph', 'services/ports'],
  },
  'services/dataset': { what: "a folder → a dataset, and its images' sizes", mayImport: ['dataset', 'services/ports'] },
  'services/teacher': {
    what: 'teachers: installed, added, imported',
    mayImport: ['graph', 'nferd', 'services/ports'],
  },
  'services/cuda': { what: "the CUDA runtime's install, and why it doesn't work", mayImport: ['services/ports'] },
  'services/detect': {
    what: 'a detector on disk; an image → score, map, neighbours, heatmap',
    mayImport: ['dataset', 'graph', 'nferd', 'maps', 'verdict', 'protocol', 'services/ports'],
  },
  'services/train': {
    what: 'normal images → a detector: features, banks, students, calibration',
    mayImport: [
      ...['dataset', 'graph', 'maps', 'metrics', 'nferd', 'protocol', 'services/ports'],
      ...['services/dataset', 'services/detect', 'services/teacher'],
    ],
  },
  'services/evaluate': {
    what: 'a detector measured on labelled images',
    mayImport: [
      ...['dataset', 'maps', 'metrics', 'nferd', 'protocol', 'services/ports'],
      ...['services/dataset', 'services/detect'],
    ],
  },
  'services/labels': {
    what: "the user's labels and masks: stored, imported, exported",
    mayImport: ['dataset', 'protocol', 'services/ports', 'services/dataset'],
  },
  'services/inspect': {
    what: 'a whole folder seen by a detector, what is kept of it, its metrics',
    mayImport: [
      ...['common', 'dataset', 'maps', 'metrics', 'nferd', 'protocol', 'services/ports'],
      ...['services/dataset', 'services/detect', 'services/evaluate', 'services/labels'],
    ],
  },
  'services/report': {
    what: 'reports as HTML, CSV and JSON; gates for CI',
    mayImport: ['charts', 'dataset', 'verdict', 'protocol', 'services/ports', 'services/detect'],
  },
  'services/teach': {
    what: 'a detector learns more normal places',
    mayImport: [
      ...['dataset', 'nferd', 'verdict', 'protocol', 'services/ports'],
      ...['services/detect', 'services/teacher', 'services/train'],
    ],
  },
  'services/doctor': {
    what: 'what works on this machine, how fast; a detection as proof of CUDA',
    mayImport: [
      ...['dataset', 'graph', 'nferd', 'services/ports', 'services/provider', 'services/cuda'],
      ...['services/detect', 'services/teacher', 'services/train'],
    ],
  },

  'runtime/threads': { what: 'worker threads and messages to them', mayImport: ['protocol'] },
  'runtime/files': { what: 'the disk: listings, atomic writes, locks', mayImport: ['dataset', 'services/ports'] },
  'runtime/net': { what: 'downloads that resume; archives', mayImport: ['services/ports', 'runtime/files'] },
  'runtime/cuda': {
    what: "CUDA's libraries: found, linked, fetched, loaded",
    mayImport: ['services/ports', 'services/cuda', 'runtime/files', 'runtime/net'],
  },
  'runtime/onnx': {
    what: 'the only importer of onnxruntime: sessions, providers, threads',
    mayImport: [
      ...['graph', 'protocol', 'services/ports', 'services/provider', 'services/cuda'],
      ...['runtime/threads', 'runtime/cuda'],
    ],
  },
  'runtime/banks': {
    what: 'banks chosen in threads',
    mayImport: ['nferd', 'protocol', 'services/ports', 'services/train', 'runtime/threads', 'runtime/onnx'],
  },
  'runtime/images': {
    what: 'pictures: decoded, resampled, written; the only importer of sharp',
    mayImport: ['graph', 'services/ports', 'runtime/files', 'runtime/onnx'],
  },
  'runtime/store': {
    what: 'results and labels on disk: SQLite, label files',
    mayImport: ['dataset', 'services/ports', 'runtime/files', 'runtime/images'],
  },
  runtime: {
    what: 'this machine: the ports put together',
    mayImport: ['services/ports', 'services/doctor', ...runtime],
  },

  worker: { what: "the engine's process: plumbing", mayImport: [...pure, 'protocol', ...services, ...runtime] },
  cli: { what: 'the `nferd` command: plumbing', mayImport: [...pure, 'protocol', ...services, ...runtime] },
  extension: { what: 'the only importer of vscode', mayImport: ['common', 'dataset', 'maps', 'verdict', 'protocol'] },
  'webview/model': { what: 'what views share that needs no page: memo, colour maps', mayImport: ['protocol'] },
  'webview/ui': {
    what: 'the kit of both views: controls, tokens, texts, one way to repaint',
    mayImport: ['dataset', 'protocol'],
  },
  'webview/anomalyView': {
    what: 'one image: heatmap, reasons, mask',
    mayImport: ['common', 'dataset', 'maps', 'verdict', 'protocol', 'webview/ui', 'webview/model'],
  },
  'webview/datasetView': {
    what: 'a folder: grid, charts, similarity map, threshold',
    mayImport: ['charts', 'common', 'dataset', 'verdict', 'protocol', 'webview/ui', 'webview/model'],
  },
};

/**
 * Package (or `node:`) → the only rooms that may import it. One that is not listed may be imported
 * nowhere.
 */
export const packageRooms: Readonly<Record<string, readonly string[]>> = {
  '@bufbuild/protobuf': ['graph'],
  '@petamoriken/float16': ['graph'],
  'onnxruntime-node': ['runtime/onnx'],
  sharp: ['runtime/images'],
  '@julusian/jpeg-turbo': ['runtime/images'],
  '@photostructure/sqlite': ['runtime/store'],
  'umap-js': ['runtime'],
  yauzl: ['runtime/net'],
  commander: ['cli'],
  vscode: ['extension'],
  '@vscode-elements/elements': ['webview/ui', 'webview/datasetView'],
  'd3-array': ['charts', 'webview/datasetView'],
  'd3-selection': ['webview/datasetView'],
  'd3-zoom': ['webview/datasetView'],
  'd3-scale': ['charts', 'services/report', 'webview/datasetView'],
  'd3-shape': ['charts'],
  'node:': [...runtime, 'worker', 'cli', 'extension'],
};
