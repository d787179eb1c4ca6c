import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '../protocol/rpc.ts';
import type { Engine } from '../protocol/engine.ts';
import type { EngineHost } from '../protocol/log.ts';
import { createEngine } from './engine.ts';
import { processPort } from './processPort.ts';

const shippedTeachers = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../models');
const { remote } = connect<EngineHost, Engine>(processPort, createEngine(shippedTeachers));
void remote.log({ level: 'debug', message: `Engine ready after ${Math.round(performance.now())} ms.` });

// The editor is gone: so are we.
process.on('disconnect', () => process.exit());
