import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Served {
  readonly body: Uint8Array;
  /** The n-th request (from 0) is cut after this many body bytes. */
  readonly cutAfter?: (request: number) => number | undefined;
  /** Where cut, the connection stays open and silent. */
  readonly hangs?: boolean;
  readonly etag?: string;
  /** Sent with the redirect, as the model hub does. */
  readonly linkedEtag?: string;
  readonly ignoreRange?: boolean;
  readonly status?: (request: number) => number | undefined;
  readonly contentType?: string;
}

export interface Asked {
  readonly url: string;
  readonly range?: string;
  readonly status: number;
}

/**
 * A loopback server: any path redirects to `/store/…`, which serves one file with ETag and Range.
 */
export async function serve(served: Served) {
  const asked: Asked[] = [];
  const { body, etag = '"v1"' } = served;
  let requests = 0;
  const server = http.createServer((request, response) => {
    const { url = '' } = request;
    const { range } = request.headers;
    const say = (status: number, headers: http.OutgoingHttpHeaders, bytes?: Uint8Array) => {
      asked.push({ url, status, ...(range && { range }) });
      response.writeHead(status, headers);
      return bytes ? response.end(bytes) : response.end();
    };
    if (!url.includes('/store/')) {
      const linked = served.linkedEtag ? { 'X-Linked-ETag': served.linkedEtag } : {};
      return say(302, { Location: `/store${new URL(url, 'http://x').pathname}`, ...linked });
    }
    const index = requests++;
    const status = served.status?.(index);
    if (status) return say(status, {}, Buffer.from('no'));
    const wanted = /^bytes=(\d+)-$/.exec(range ?? '');
    const start = wanted && !served.ignoreRange && request.headers['if-range'] === etag ? Number(wanted[1]) : 0;
    if (start >= body.length) return say(416, { 'Content-Range': `bytes */${body.length}` });
    const part = body.subarray(start);
    const headers = {
      ETag: etag,
      'Content-Length': part.length,
      'Content-Type': served.contentType ?? 'application/octet-stream',
    };
    const cut = served.cutAfter?.(index);
    const [code, extra] = start
      ? [206, { 'Content-Range': `bytes ${start}-${body.length - 1}/${body.length}` }]
      : [200, {}];
    if (cut === undefined) return say(code, { ...headers, ...extra }, part);
    asked.push({ url, status: code, ...(range && { range }) });
    response.writeHead(code, { ...headers, ...extra });
    return response.write(part.subarray(0, cut), () => served.hangs || setTimeout(() => response.destroy(), 300));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise<unknown>((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
