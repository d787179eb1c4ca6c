import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, RpcError, type Call, type Handlers, type Port } from '../../../src/protocol/rpc.ts';

interface Sums {
  add(argument: { readonly a: number; readonly b: number }): Promise<number>;
  scale(argument: { readonly data: Float32Array }): Promise<Float32Array>;
  fail(how: 'throw' | 'user' | 'odd' | 'uncloneable'): Promise<unknown>;
  wait(): Promise<string>;
  count(to: number): Promise<string>;
}

class UserError extends Error {
  override readonly name = 'UserError';
}

let waiting: Call | undefined;

const handlers: Handlers<Sums> = {
  add: ({ a, b }) => a + b,
  scale: async ({ data }) => data.map((value) => value * 2),
  fail(how) {
    if (how === 'throw') throw new Error('boom');
    if (how === 'user') throw new UserError('a.png: not an image. Choose another.');
    if (how === 'odd') throw 'just text';
    return () => 0;
  },
  wait: (_, call) => {
    waiting = call;
    return new Promise((_resolve, reject) => call.signal.addEventListener('abort', () => reject(new Error('stopped'))));
  },
  async count(to, { progress }) {
    for (let i = 1; i <= to; i++) progress(i);
    return 'done';
  },
};

/** Two ends that clone what they carry, as processes and webviews do, a turn later. */
function wire(): [Port, Port] {
  const listeners: [Set<(m: unknown) => void>, Set<(m: unknown) => void>] = [new Set(), new Set()];
  const end = (mine: 0 | 1, other: 0 | 1): Port => ({
    post(message) {
      const copy = structuredClone(message);
      setImmediate(() => listeners[other].forEach((listener) => listener(copy)));
    },
    listen(listener) {
      listeners[mine].add(listener);
      return () => void listeners[mine].delete(listener);
    },
  });
  return [end(0, 1), end(1, 0)];
}

function pair() {
  const [here, there] = wire();
  const server = connect<Record<never, never>, Sums>(there, handlers);
  const client = connect<Sums>(here, {});
  return { here, server, client, remote: client.remote };
}

const ends = (ending: string, message: RegExp, forUser: boolean) => (error: unknown) =>
  error instanceof RpcError && error.ending === ending && message.test(error.message) && error.forUser === forUser;

test('results come back, typed arrays as typed arrays', async () => {
  const { remote } = pair();
  assert.equal(await remote.add({ a: 2, b: 3 }), 5);
  assert.deepEqual(await remote.scale({ data: Float32Array.of(1, 2) }), Float32Array.of(2, 4));
});

const failures = [
  ['throw', /^boom$/, false],
  ['user', /^a\.png: not an image\. Choose another\.$/, true],
  ['odd', /^just text$/, false],
  ['uncloneable', /could not be cloned/, false],
] as const;
for (const [how, message, forUser] of failures) {
  test(`a handler that fails (${how}) ends the request as an error`, async () => {
    await assert.rejects(pair().remote.fail(how), ends('error', message, forUser));
  });
}

test('what does not exist ends as an error, inherited names included', async () => {
  const remote = pair().remote as unknown as Record<string, () => Promise<unknown>>;
  for (const name of ['nothing', 'toString', 'constructor', '__proto__']) {
    await assert.rejects(remote[name]!(), ends('error', /No such method/, false));
  }
});

test('a cancelled call that waits for the end learns when the other side is done', async () => {
  const { remote } = pair();
  const controller = new AbortController();
  const call = remote.wait(undefined, { signal: controller.signal, untilEnded: true });
  let settled = false;
  const ended = assert.rejects(call, ends('cancelled', /Cancelled/, true)).then(() => (settled = true));
  await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  await Promise.resolve();
  assert.equal(settled, false);
  await ended;
  assert.equal(waiting?.signal.aborted, true);
});

test('an argument that cannot be sent ends as an error', async () => {
  const { remote, client } = pair();
  await assert.rejects(remote.count((() => 0) as unknown as number), ends('error', /could not be cloned/, false));
  assert.equal(client.active, 0);
});

test('cancelling ends the request at once and aborts its handler', async () => {
  const { remote, server, client } = pair();
  const controller = new AbortController();
  const result = remote.wait(undefined, { signal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  await assert.rejects(result, ends('cancelled', /Cancelled/, true));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(waiting?.signal.aborted, true);
  assert.equal(client.active + server.active, 0);
  await assert.rejects(remote.wait(undefined, { signal: controller.signal }), ends('cancelled', /Cancelled/, true));
});

test('disposing ends what is in flight with its reason, on both sides, and what comes later', async () => {
  const { remote, client, server } = pair();
  const result = remote.wait();
  await new Promise((resolve) => setTimeout(resolve, 5));
  client.dispose('The engine stopped.');
  await assert.rejects(result, ends('disposed', /The engine stopped/, true));
  await assert.rejects(remote.add({ a: 1, b: 1 }), ends('disposed', /The engine stopped/, true));
  server.dispose();
  assert.equal(waiting?.signal.aborted, true);
});

test('progress reaches the caller before the result', async () => {
  const seen: number[] = [];
  assert.equal(await pair().remote.count(3, { onProgress: (value: number) => seen.push(value) }), 'done');
  assert.deepEqual(seen, [1, 2, 3]);
});

test('a port that throws ends the request', async () => {
  const client = connect<Sums>({ post: () => assert.fail('channel closed'), listen: () => () => undefined }, {});
  await assert.rejects(client.remote.add({ a: 1, b: 1 }), ends('error', /channel closed/, false));
});

test('foreign messages are ignored; idleness is told', async () => {
  const [here, there] = wire();
  connect<Record<never, never>, Sums>(there, handlers);
  let idle = 0;
  const { remote } = connect<Sums>(here, {}, () => idle++);
  for (const junk of [null, 1, 'x', {}, { rpc: 'nope', id: 1 }, { rpc: 'ok', id: 99 }, { rpc: 'call' }])
    here.post(junk);
  assert.equal(await remote.add({ a: 1, b: 1 }), 2);
  assert.equal(idle, 1);
});
