import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchors, links, longLines, pathsNamed, sentences } from '../../../scripts/docs/markdown.ts';

const words = (markdown: string): number[] => sentences(markdown).map((sentence) => sentence.words);

const counted: readonly (readonly [what: string, markdown: string, words: readonly number[]])[] = [
  ['a full stop ends a sentence', 'One two three. Four five.', [3, 2]],
  ['a broken line does not', 'One two\nthree.', [3]],
  ['a number is no end', 'It takes 0.5 s.', [4]],
  ['a colon is no end', 'One two: three four.', [4]],
  ['a list item ends a sentence', '- one two\n- three\n  four', [2, 2]],
  ['a blank line ends a sentence', 'one\n\ntwo', [1, 1]],
  ['code is one word, a link is its text', 'See `a b c` and [d e](f.md).', [5]],
  [
    'headings, tables, code blocks and comments are no prose',
    '# a b\n\n| a | b |\n\n```sh\nc d\n```\n\n<!-- e -->',
    [],
  ],
  ['a comment over several lines is no prose', '<!-- a b\nc d --> e', [1]],
];
for (const [what, markdown, expected] of counted)
  test(`sentences: ${what}`, () => assert.deepEqual(words(markdown), expected));

test('long lines are found where they could be broken', () => {
  const wide = 'word '.repeat(25);
  assert.deepEqual(
    longLines(`${wide}\n| ${wide} |\n\`\`\`\n${wide}\n\`\`\`\nhttps://example.org/${'a'.repeat(100)}`),
    [1],
  );
});

test('links, headings and paths are found', () => {
  assert.deepEqual(links('a [b `c`](d.md#e) f')[0], { text: 'b `c`', target: 'd.md#e', line: 1 });
  assert.ok(anchors('## What `a` is, and why').has('what-a-is-and-why'));
  assert.deepEqual(pathsNamed('`src/a/b.ts`, src/c. And src/{d,e}, docs/*.md, ../src/x, src/f/NAME.ts'), [
    'src/a/b.ts',
    'src/c',
  ]);
});
