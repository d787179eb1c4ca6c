import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type Connection } from '../protocol/rpc.ts';
import type { Engine } from '../protocol/engine.ts';
import type { EngineHost } from '../protocol/log.ts';
import { createEngine } from './engine.ts';
import { processPort } from './processPort.ts';

const shippedTeachers = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../models');
const warn = (message: string): void => void remote.log({ level: 'warn', message }).catch(() => undefined);
const { remote }: Connection<EngineHost> = connect<EngineHost, Engine>(
  processPort,
  createEngine(shippedTeachers, warn),
);
const ready = `Engine ready after ${Math.round(performance.now())} ms.`;
remote.log({ level: 'debug', message: ready }).catch(() => undefined);

// The editor is gone: so are we.
process.on('disconnect', () => process.exit());
