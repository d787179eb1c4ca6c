import type { Port } from '../../protocol/rpc.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

/** The channel to the extension host. */
export const hostPort: Port = {
  post: (message) => api.postMessage(message),
  listen(onMessage) {
    const listener = ({ data }: MessageEvent<unknown>) => onMessage(data);
    window.addEventListener('message', listener);
    return () => window.removeEventListener('message', listener);
  },
};

/** What this page keeps when it is hidden and reloaded. */
export const pageState = {
  load: <T extends object>(): Partial<T> => (api.getState() as Partial<T> | undefined) ?? {},
  save: (state: object): void => api.setState(state),
};
