import type { Port } from '../protocol/rpc.ts';

/** The channel to the process that forked this one. */
export const processPort: Port = {
  post(message) {
    process.send!(message);
  },
  listen(onMessage) {
    process.on('message', onMessage);
    return () => void process.off('message', onMessage);
  },
};
