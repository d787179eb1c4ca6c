import { parentPort } from 'node:worker_threads';
import type { InspectionEngine, InspectionKey } from '../protocol/inspection.ts';
import { connect } from '../protocol/rpc.ts';
import { inspectionDisk } from '../runtime/store/inspectionDisk.ts';
import { enginePorts } from '../runtime/ports.ts';
import { umap } from '../runtime/umap.ts';
import { Inspections } from '../services/inspect/inspections.ts';
import { messagePort } from '../runtime/threads/messagePort.ts';

/** What the thread is asked for. */
export interface Measuring {
  /** @param request `listing`: grows when the folder was listed anew */
  measure(
    request: InspectionKey & { readonly imageThreshold?: number; readonly listing: number },
  ): ReturnType<InspectionEngine['inspectionMetrics']>;
}

const inspections = new Inspections(() => ({
  ...enginePorts({ executionProvider: 'cpu', threads: 1 }),
  disk: inspectionDisk,
  layOut: umap,
}));
const listed = new Map<string, number>();

connect<object, Measuring>(messagePort(parentPort!), {
  async measure({ folder, detector, imageThreshold, listing }) {
    const key = { folder, detector };
    const name = `${folder}\0${detector}`;
    if (listed.get(name) !== listing) await inspections.read(key);
    listed.set(name, listing);
    return inspections.metrics(key, imageThreshold);
  },
});
