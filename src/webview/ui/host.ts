import { jsonToArrays } from '../../protocol/arrayJson.ts';
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

/** What the host made the page with under this name. */
export function pageData<T>(name: string): T | undefined {
  const element = document.getElementById(name);
  return element ? (jsonToArrays(element.textContent, fromBase64) as T) : undefined;
}

/** A loop: of a map's 350,000 characters `Uint8Array.from` makes a tenth of a second. */
function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
