import { constants, setPriority } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type Connection } from '../protocol/rpc.ts';
import type { Engine, EngineOptions } from '../protocol/engine.ts';
import type { InspectionEngine } from '../protocol/inspection.ts';
import type { EngineHost } from '../protocol/log.ts';
import { enginePorts } from '../runtime/ports.ts';
import { inspectionDisk } from '../runtime/store/inspectionDisk.ts';
import { umap } from '../runtime/umap.ts';
import { Inspections } from '../services/inspect/inspections.ts';
import { onDidFallBack } from '../runtime/onnx/providers.ts';
import { createEngine } from './engine.ts';
import { createInspections } from './inspections.ts';
import { createLabels } from './labels.ts';
import { processPort } from './processPort.ts';
import { createTeaching } from './teach.ts';

// The editor comes first: what it draws while we compute would wait for us otherwise. Threads made
// from here on are as patient.
try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // Some sandboxes forbid it; then we are as important as the editor.
}

const shippedTeachers = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../models');
const warn = (message: string): void => void remote.log({ level: 'warn', message }).catch(() => undefined);
let compute: EngineOptions = { executionProvider: 'auto', threads: 0 };
const ports = () => enginePorts(compute);
const inspections = new Inspections(() => ({ ...ports(), disk: inspectionDisk, layOut: umap }));
const engine = createEngine(shippedTeachers, warn);
const { remote }: Connection<EngineHost> = connect<EngineHost, Engine & InspectionEngine>(processPort, {
  ...engine,
  configure(options, call) {
    compute = options;
    return engine.configure(options, call);
  },
  ...createInspections(inspections, ports),
  ...createLabels(warn),
  ...createTeaching(shippedTeachers, inspections, ports, warn),
});
onDidFallBack(warn);
const ready = `Engine ready after ${Math.round(performance.now())} ms.`;
remote.log({ level: 'debug', message: ready }).catch(() => undefined);

// The editor is gone: so are we. Exiting while a thread is inside onnxruntime aborts, with a crash
// report; nothing here needs an exit's care.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
