import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../services/ports/errors.ts';
import type { Downloaded, DownloadPort, DownloadProgress, DownloadRequest } from '../../services/ports/teacherPorts.ts';
import { get, type Environment } from './downloadRequest.ts';
import { errorCode, fileError } from '../files/fileErrors.ts';

export interface DownloadSettings {
  /** Attempts in a row that bring nothing new before giving up. */
  readonly attempts: number;
  /** Doubles with each such attempt. */
  readonly retryDelayMs: number;
  readonly stallMs: number;
  readonly progressEveryMs: number;
  readonly env: Environment;
}

const defaults: DownloadSettings = {
  attempts: 5,
  retryDelayMs: 1000,
  stallMs: 30_000,
  progressEveryMs: 200,
  env: process.env,
};

/** HTTP(S) downloads with resume (Range and If-Range), retries, checksum, redirects and proxies. */
export function createDownload(given: Partial<DownloadSettings> = {}): DownloadPort {
  const settings = { ...defaults, ...given };
  return async (request) => {
    const aborter = new AbortController();
    const stop = () => aborter.abort();
    if (request.signal?.aborted) stop();
    request.signal?.addEventListener('abort', stop);
    try {
      return await download(request, settings, aborter.signal);
    } catch (error) {
      throw explain(error, request);
    } finally {
      request.signal?.removeEventListener('abort', stop);
    }
  };
}

/** A failure that another attempt may get past. */
class Passing extends Error {}

async function download(
  request: DownloadRequest,
  settings: DownloadSettings,
  signal: AbortSignal,
): Promise<Downloaded> {
  const part = `${request.target}.part`;
  await mkdir(path.dirname(part), { recursive: true });
  let announced: string | undefined;
  for (let attempt = 1, most = await sizeOf(part); ; attempt++) {
    try {
      announced = await receive(request, part, settings, signal);
      break;
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      const received = await sizeOf(part);
      if (received > most) [most, attempt] = [received, 0];
      if (attempt >= settings.attempts) throw error;
      await sleep(settings.retryDelayMs * 2 ** Math.max(0, attempt - 1), undefined, { signal });
    }
  }
  return finish(request, part, announced);
}

/**
 * One attempt: appends to `part` what is missing.
 * @returns the sha256 that the server announces, if it does
 */
async function receive(request: DownloadRequest, part: string, settings: DownloadSettings, signal: AbortSignal) {
  const note = notePath(part);
  const { offset, validator } = await resumePoint(request.url, part);
  const range: Record<string, string> = offset ? { Range: `bytes=${offset}-`, 'If-Range': validator } : {};
  const headers = { 'User-Agent': 'nferd', Accept: '*/*', 'Accept-Encoding': 'identity', ...range };
  const { response, first } = await get(request.url, { ...settings, headers, signal });
  try {
    const status = response.statusCode ?? 0;
    const [, begin, whole] = /^bytes (\d+|\*)(?:-\d+)?\/(\d+)/.exec(response.headers['content-range'] ?? '') ?? [];
    if (status === 416 && Number(whole) === offset) return announcedSha256(first);
    if (status === 416 || (status === 206 && Number(begin) !== offset)) {
      await rm(part, { force: true });
      throw new Passing('the server answered with another part of the file');
    }
    if (status !== 200 && status !== 206) throw refusal(status);
    if (/^text\/html/i.test(response.headers['content-type'] ?? '')) {
      throw new UserError('answered with a web page, not the file. Is there a proxy or a login page in between?');
    }
    const start = status === 206 ? offset : 0;
    const length = response.headers['content-length'];
    const total = status === 206 && whole ? Number(whole) : length ? start + Number(length) : undefined;
    if (start === 0)
      await writeFile(note, JSON.stringify({ url: request.url, validator: validatorOf(response.headers) }));
    const progress = meter(start, total, settings.progressEveryMs, request.onProgress);
    const file = await open(part, start ? 'a' : 'w');
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        await file.writeFile(chunk);
        progress.add(chunk.length);
      }
      progress.end();
    } finally {
      await file.close();
    }
    return announcedSha256(first);
  } finally {
    response.destroy();
  }
}

async function finish({ target, url, sha256 }: DownloadRequest, part: string, announced?: string): Promise<Downloaded> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(part), hash);
  const found = hash.digest('hex');
  const expected = (sha256 ?? announced)?.toLowerCase();
  const verifiedBy = sha256 ? 'user' : announced ? 'server' : 'nobody';
  if (expected && expected !== found) {
    await Promise.all([part, notePath(part)].map((file) => rm(file, { force: true })));
    const remedy = sha256 ? 'Check the sha256 that was given' : 'Try again';
    throw new UserError(`${url}: its sha256 is ${found}, expected ${expected}. The download was deleted. ${remedy}.`);
  }
  const file = await open(part, 'r+');
  await file.sync().finally(() => file.close());
  const bytes = await sizeOf(part);
  await rename(part, target);
  await rm(notePath(part), { force: true });
  return { bytes, sha256: found, verifiedBy };
}

const notePath = (part: string) => `${part}.json`;

/**
 * Where an earlier run stopped, if it fetched the same address and the server can confirm that the
 * file is unchanged.
 */
async function resumePoint(url: string, part: string): Promise<{ offset: number; validator: string }> {
  const offset = await sizeOf(part);
  const text = await readFile(notePath(part), 'utf8').catch(() => '{}');
  try {
    const note = JSON.parse(text) as { url?: unknown; validator?: unknown };
    if (note.url === url && typeof note.validator === 'string') return { offset, validator: note.validator };
  } catch {
    // a damaged note only costs a fresh start
  }
  return { offset: 0, validator: '' };
}

/** If-Range takes a strong ETag or a date (RFC 9110, 13.1.5). */
function validatorOf(headers: IncomingHttpHeaders): string | undefined {
  return headers.etag?.startsWith('"') ? headers.etag : headers['last-modified'];
}

/**
 * Only the first answer's headers count: behind a redirect, a content store's ETag may be a
 * 64-digit hash of another kind.
 */
function announcedSha256(first: IncomingHttpHeaders): string | undefined {
  const tag = first['x-linked-etag'] ?? first.etag;
  return typeof tag === 'string' ? /^"?([0-9a-f]{64})"?$/i.exec(tag)?.[1] : undefined;
}

function meter(
  start: number,
  total: number | undefined,
  everyMs: number,
  onProgress?: (progress: DownloadProgress) => void,
) {
  const beganMs = performance.now();
  let received = start;
  let toldMs = -Infinity;
  const tell = () => {
    toldMs = performance.now();
    const rate = ((received - start) * 1000) / Math.max(1, toldMs - beganMs);
    const left = total !== undefined && rate > 0 ? { secondsLeft: (total - received) / rate } : {};
    onProgress?.({
      receivedBytes: received,
      ...(total !== undefined && { totalBytes: total }),
      bytesPerSecond: rate,
      ...left,
    });
  };
  const add = (bytes: number) => {
    received += bytes;
    if (performance.now() - toldMs >= everyMs) tell();
  };
  return { add, end: tell };
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function refusal(status: number): Error {
  if (status === 404 || status === 410)
    return new UserError(`not found (HTTP ${status}). Check the name and the address.`);
  if (status === 401 || status === 403)
    return new UserError(`access refused (HTTP ${status}). Use another address or ask its owner.`);
  const text = `the server answered HTTP ${status}`;
  return status === 408 || status === 429 || status >= 500
    ? new Passing(text)
    : new UserError(`${text}. Check the address.`);
}

const fileCodes = ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'EEXIST', 'EFBIG', 'EBUSY'];
const isCertificate = (code: string) => /CERT|ISSUER|SIGNATURE/.test(code);
const passingCodes = [
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
  'HPE_INVALID_EOF_STATE',
];
const isPassing = (error: unknown) => error instanceof Passing || passingCodes.includes(errorCode(error) ?? '');

/** Every failure as one line: address or file, what was wrong, the remedy. */
function explain(error: unknown, { url, target, signal }: DownloadRequest): UserError {
  const { message } = error as Error;
  const code = errorCode(error) ?? '';
  const say = (text: string) => new UserError(text, { cause: error });
  if (error instanceof UserError) return message.startsWith(url) ? error : say(`${url}: ${message}`);
  if (signal?.aborted) return say(`${url}: stopped. Run the same command again to go on.`);
  if (fileCodes.includes(code)) return fileError('write', target, error);
  if (isCertificate(code))
    return say(
      `${url}: its certificate isn't trusted (${code}). Behind a proxy, name its certificate in NODE_EXTRA_CA_CERTS.`,
    );
  if (isPassing(error)) return say(`${url}: the connection broke (${message}). Run the same command again to go on.`);
  return say(`${url}: can't be fetched (${message}). Check the network, the address and the proxy settings.`);
}
