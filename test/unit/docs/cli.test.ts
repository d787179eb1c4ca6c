import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '../../../src/cli/context.ts';
import { run } from '../../../src/cli/run.ts';
import { blocks, blocksIn } from '../../../scripts/docs/blocks.ts';
import { commands } from '../../../scripts/docs/cliReference.ts';
import { documents, textOf } from '../../../scripts/docs/documents.ts';

async function listed(...parents: string[]): Promise<string[]> {
  let text = '';
  const context = { print: (line: string) => (text += line), say: () => undefined } as unknown as Context;
  await run([...parents, '--help'], '0', context);
  const [, list = ''] = text.split('Commands:\n');
  return [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => [...parents, name!].join(' ')).sort();
}

test('the reference has every command that nferd --help lists', async () => {
  const top = (await listed()).filter((name) => name !== 'help' && name !== 'teacher');
  const teacher = (await listed('teacher')).filter((name) => name !== 'teacher help');
  assert.deepEqual(Object.keys(commands).sort(), [...top, ...teacher].sort());
});

test('every generated block stands in one document', () => {
  const used = documents.flatMap((document) => blocksIn(textOf(document)));
  assert.deepEqual(used.sort(), Object.keys(blocks).sort());
});
