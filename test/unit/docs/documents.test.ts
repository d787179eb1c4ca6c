import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { documents, madeAnew, root, textOf } from '../../../scripts/docs/documents.ts';
import { anchors, links, longLines, pathsNamed, sentences } from '../../../scripts/docs/markdown.ts';

/** Not in a clone: made here, or beside it. */
const ofThisMachine = /(?:^|\/)(?:\.\.\/shared|dist|out|demo|node_modules|\.cache)(?:\/|$)/;
const mostWords = 25;
const meanWords = 15;

test('documents are found', () => {
  for (const name of ['README.md', 'ARCHITECTURE.md', 'docs/README.md', 'docs/cli.md'])
    assert.ok(documents.includes(name), name);
});

for (const document of documents) {
  const markdown = textOf(document);
  const here = path.join(root, path.dirname(document));

  test(`${document}: generated parts are as the code says (npm run docs)`, async () => {
    assert.equal(markdown, await madeAnew(document));
  });

  test(`${document}: links lead somewhere, also in a clone`, () => {
    const dead = links(markdown).flatMap(({ text, target, line }) => {
      if (/^(?:https?|mailto|vscode):/.test(target)) return [];
      const [file = '', anchor] = target.split('#');
      const full = file === '' ? path.join(root, document) : path.join(here, file);
      const at = `line ${line}: ${target}`;
      if (!existsSync(full) || ofThisMachine.test(path.relative(root, full))) return [`${at} is not there`];
      if (!statSync(full).isFile()) return [];
      const content = /\.(?:md|[cm]?[jt]s|json)$/.test(full) ? readFileSync(full, 'utf8') : '';
      if (anchor !== undefined && !anchors(content).has(anchor)) return [`${at} has no such heading`];
      // A link whose text is a name of the code leads to a file with that name in it.
      const [, name] = /^`([A-Za-z]\w+)(?:\(\))?`$/.exec(text) ?? [];
      return name !== undefined && !new RegExp(`\\b${name}\\b`).test(content) ? [`${at} does not say ${name}`] : [];
    });
    assert.deepEqual(dead, []);
  });

  test(`${document}: every path that it names is in a clone`, () => {
    assert.doesNotMatch(markdown, /\.\.\/shared/);
    const missing = pathsNamed(markdown).filter((name) => !existsSync(path.join(root, name)));
    assert.deepEqual(missing, []);
  });

  test(`${document}: lines of at most 100 columns`, () => {
    assert.deepEqual(longLines(markdown), []);
  });

  test(`${document}: sentences of at most ${mostWords} words, ${meanWords} on average`, () => {
    const all = sentences(markdown);
    const long = all
      .filter(({ words }) => words > mostWords)
      .map(({ line, words, text }) => `${line} (${words}): ${text}`);
    assert.deepEqual(long, []);
    const mean = all.reduce((sum, { words }) => sum + words, 0) / all.length;
    assert.ok(mean <= meanWords, `${mean.toFixed(1)} words on average`);
  });
}

test('the map is short enough to be read', () => {
  const written = textOf('ARCHITECTURE.md')
    .replaceAll(/<!-- (\w+):begin -->[\s\S]*?<!-- \1:end -->/g, '')
    .replaceAll(/^```[\s\S]*?^```$/gm, '');
  const words = written.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  assert.ok(words <= 1000, `${words} words, without diagrams and the table of rooms`);
});
