import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { Socket } from 'node:net';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Reply {
  readonly response: http.IncomingMessage;
  /** Headers of the first answer, before any redirect. */
  readonly first: http.IncomingHttpHeaders;
}

export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly env: Environment;
  /** The connection is dropped after this long without a byte. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
}

const mostRedirects = 10;

/**
 * GET that follows redirects and goes through the environment's proxy (`https_proxy`, `http_proxy`,
 * `all_proxy`, `no_proxy`, either case). Resolves when the headers of the last answer are there.
 */
export async function get(start: string, options: SendOptions): Promise<Reply> {
  let url = new URL(start);
  let first: http.IncomingHttpHeaders | undefined;
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await send(url, options);
    first ??= response.headers;
    const { location } = response.headers;
    if (!location || ![301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) return { response, first };
    response.destroy();
    const next = new URL(location, url);
    if (url.protocol === 'https:' && next.protocol !== 'https:')
      throw new Error(`redirect from ${url.host} to an unencrypted address`);
    url = next;
  }
  throw new Error(`more than ${mostRedirects} redirects`);
}

/** The proxy for `url`, or undefined for a direct connection. */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const variable = (name: string) => env[name] || env[name.toUpperCase()];
  const direct = (variable('no_proxy') ?? '')
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((rule) => rule === '*' || matchesHost(rule, url));
  const proxy = variable(url.protocol === 'https:' ? 'https_proxy' : 'http_proxy') ?? variable('all_proxy');
  if (direct || !proxy) return undefined;
  return new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
}

/** `rule`: a host, a domain with or without a leading dot, optionally with a port. */
function matchesHost(rule: string, { hostname, port, protocol }: URL): boolean {
  const [, name = '', only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(rule.toLowerCase()) ?? [];
  if (only && only !== (port || (protocol === 'https:' ? '443' : '80'))) return false;
  return hostname === name || hostname.endsWith(`.${name}`);
}

async function send(url: URL, options: SendOptions): Promise<http.IncomingMessage> {
  const proxy = proxyFor(url, options.env);
  // The editor's http.proxyStrictSSL.
  const rejectUnauthorized = options.env.NFERD_STRICT_SSL !== '0';
  const common = { headers: options.headers, signal: options.signal, agent: false, rejectUnauthorized } as const;
  if (!proxy) return answer((url.protocol === 'https:' ? https : http).request(url, common), options.stallMs);
  const authorization = proxyAuthorization(proxy);
  if (url.protocol === 'http:') {
    const headers = { ...options.headers, ...authorization, Host: url.host };
    return answer(http.request(proxyTarget(proxy, { ...common, path: url.href, headers })), options.stallMs);
  }
  const socket = await tunnel(proxy, url, authorization, options);
  const connection = tls.connect({ socket, servername: url.hostname, ALPNProtocols: ['http/1.1'], rejectUnauthorized });
  const { headers, signal } = common;
  return answer(https.request(url, { headers, signal, createConnection: () => connection }), options.stallMs);
}

function proxyTarget(proxy: URL, rest: http.RequestOptions): http.RequestOptions {
  return { ...rest, host: proxy.hostname, port: proxy.port || 80 };
}

function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (!username) return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function tunnel(
  proxy: URL,
  url: URL,
  headers: Record<string, string>,
  { signal, stallMs }: SendOptions,
): Promise<Socket> {
  const target = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const request = http.request(
      proxyTarget(proxy, {
        method: 'CONNECT',
        path: target,
        headers: { ...headers, Host: target },
        signal,
        agent: false,
      }),
    );
    request.setTimeout(stallMs, () => request.destroy(new Error('no answer from the proxy')));
    request.on('error', reject);
    request.on('connect', (response, socket: Socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} refused a connection to ${target} (HTTP ${response.statusCode})`));
    });
    request.end();
  });
}

function answer(request: http.ClientRequest, stallMs: number): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.setTimeout(stallMs, () => request.destroy(Object.assign(new Error('no data'), { code: 'ETIMEDOUT' })));
    request.on('error', reject);
    request.on('response', resolve);
    request.end();
  });
}
