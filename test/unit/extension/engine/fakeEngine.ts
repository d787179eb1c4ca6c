/* A child process that answers like the engine, for tests of what surrounds it. */
import type { Engine } from '../../../../src/protocol/engine.ts';
import type { EngineHost } from '../../../../src/protocol/log.ts';
import { connect, type Handlers } from '../../../../src/protocol/rpc.ts';
import { processPort } from '../../../../src/worker/processPort.ts';

const unused = () => Promise.reject(new Error('not in this test'));
let configured = '';

const engine: Handlers<Engine> = {
  configure: async ({ executionProvider }) => void (configured = executionProvider),
  doctor: async () => `pid ${process.pid}, ${configured}`,
  describe: () => new Promise(() => undefined),
  picture: async ({ maxSide }) => new Uint8Array(maxSide).fill(7),
  detect: unused,
  neighbours: unused,
  foldersToDecide: unused,
  train: unused,
  planCuda: unused,
  installCuda: unused,
  removeCuda: unused,
};
const { remote } = connect<EngineHost, Engine>(processPort, engine);
void remote.log({ level: 'info', message: 'hello' });
