import { RpcError } from '../../../protocol/rpc.ts';
import { h } from '../../ui/dom.ts';

const shownMs = 4000;

export type StatusLine = Pick<ReturnType<typeof statusLine>, 'say' | 'tell'>;

/** One line that comes and goes: what was done, or why it was not. */
export function statusLine() {
  const element = h('div', { className: 'toast', data: { testid: 'status' }, attrs: { role: 'status' } });
  let timer: number | undefined;
  function say(text: string): void {
    element.textContent = text;
    element.classList.add('shown');
    clearTimeout(timer);
    timer = window.setTimeout(() => element.classList.remove('shown'), shownMs);
  }
  /** What a request answers; a failure is said. */
  async function tell<T>(request: Promise<T>): Promise<T | undefined> {
    try {
      return await request;
    } catch (error) {
      if (!(error instanceof RpcError) || error.ending === 'error') say((error as Error).message);
      return undefined;
    }
  }
  return { element, say, tell };
}
