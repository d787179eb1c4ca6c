/** The rooms of `src`: what each is for, and which others it may import. `ARCHITECTURE.md` shows this table. */

export interface Room {
  readonly what: string;
  readonly mayImport: readonly string[];
}

const pure = ['graph', 'metrics', 'dataset', 'nferd', 'protocol'] as const;

/** Room (its path below `src`) → what it is. Pure rooms come first; each may import only what is named here. */
export const rooms: Readonly<Record<string, Room>> = {
  graph: { what: 'ONNX graphs: operators, shapes, gradients, Adam, model bytes', mayImport: [] },
  metrics: { what: 'AUROC, AUPRO, AP, F1-max, intervals', mayImport: [] },
  dataset: { what: 'layouts, labels, splits, random numbers; from lists of paths, no disk', mayImport: [] },
  nferd: { what: 'the method: teacher, banks, attention, student, maps, calibration', mayImport: ['graph', 'metrics'] },
  protocol: { what: 'contracts between processes, and one typed RPC', mayImport: ['nferd'] },
  services: { what: 'use cases, and ports for what they need from outside', mayImport: pure },
  runtime: { what: "Node, onnxruntime and sharp: what fills the services' ports", mayImport: ['services', ...pure] },
  worker: { what: "the engine's process: plumbing", mayImport: ['services', 'runtime', ...pure] },
  cli: { what: 'the command line: plumbing', mayImport: ['services', 'runtime', ...pure] },
  extension: { what: 'the only importer of vscode', mayImport: ['protocol'] },
  webview: { what: 'the only user of the DOM', mayImport: ['protocol'] },
};
