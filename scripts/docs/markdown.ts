/**
 * Reads our documents line by line: sentences, long lines, links and paths. What is in code blocks
 * and tables is no prose.
 */

export interface Sentence {
  readonly text: string;
  /** Of its paragraph's first line, from 1. */
  readonly line: number;
  readonly words: number;
}

export interface Link {
  readonly text: string;
  readonly target: string;
  readonly line: number;
}

/** The lines of a document; those of code blocks, tables, and comments are empty. */
function proseLines(markdown: string): string[] {
  let fence: string | undefined;
  let comment = false;
  return markdown.split('\n').map((line) => {
    const [, mark] = /^\s*(```+|~~~+)/.exec(line) ?? [];
    if (mark !== undefined) {
      if (fence === undefined) fence = mark;
      else if (line.trim() === fence) fence = undefined;
      return '';
    }
    if (fence !== undefined || /^\s*\|/.test(line)) return '';
    const text = comment ? line.replace(/^.*?(-->|$)/, '') : line;
    const open = text.replaceAll(/<!--.*?-->/g, '');
    comment = (comment && !line.includes('-->')) || open.includes('<!--');
    return open.replace(/<!--.*$/, '').trimEnd();
  });
}

/**
 * Paragraphs and list items, each as one text with its first line's number; headings are left out.
 */
function paragraphs(markdown: string): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = [];
  let open = false;
  proseLines(markdown).forEach((line, at) => {
    const heading = /^#{1,6} /.test(line);
    const item = /^\s*(?:>\s*)*(?:[-*+]|\d+\.)\s+/.exec(line);
    if (line.trim() === '' || heading) open = false;
    else if (item || !open) {
      found.push({ text: line.slice(item?.[0].length ?? 0), line: at + 1 });
      open = true;
    } else found.at(-1)!.text += ` ${line.trim()}`;
  });
  return found;
}

/** As it is read aloud: a link is its text, code is one word, a picture is nothing. */
const spoken = (text: string): string =>
  text
    .replaceAll(/`[^`]+`/g, 'code')
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/[*_]{1,2}/g, '');

/**
 * A sentence ends with a full stop, a question mark or an exclamation mark, or where its paragraph
 * or list item ends.
 */
export function sentences(markdown: string): Sentence[] {
  return paragraphs(markdown).flatMap(({ text, line }) =>
    spoken(text)
      .split(/(?<=[.!?][)"'’”]*)\s+/)
      .map((each) => ({
        text: each.trim(),
        line,
        words: each.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)),
      }))
      .filter(({ words }) => words.length > 0)
      .map((each) => ({ ...each, words: each.words.length })),
  );
}

/** Lines of prose wider than `columns` that could be broken; an address alone on its line can't. */
export const longLines = (markdown: string, columns = 100): number[] =>
  proseLines(markdown).flatMap((line, at) =>
    line.length > columns && /\S\s+\S/.test(line.replace(/^\s*[-*]\s+/, '')) ? [at + 1] : [],
  );

/** Every `[text](target)`, those in tables included. */
export function links(markdown: string): Link[] {
  let code = false;
  return markdown.split('\n').flatMap((line, at) => {
    if (/^\s*```/.test(line)) code = !code;
    if (code) return [];
    return [...line.matchAll(/\[((?:`[^`]*`|[^\]])*)\]\(([^)\s]+)\)/g)].map(([, text, target]) => ({
      text: text!,
      target: target!,
      line: at + 1,
    }));
  });
}

/** What `#anchor` may name in a document, as GitHub makes it of headings. */
export function anchors(markdown: string): Set<string> {
  const found = new Set<string>();
  for (const line of proseLines(markdown)) {
    const [, heading] = /^#{1,6}\s+(.*)$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const plain = heading.replaceAll(/`|\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    found.add(plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-'));
  }
  return found;
}

/**
 * Paths in the repository that a document names, code blocks included; patterns (`*`, `{a,b}`,
 * `NAME`) and options are none.
 */
export function pathsNamed(markdown: string): string[] {
  const folders = 'src|test/unit|test/e2e|test/fixtures|scripts|bench|docs|models|media|\\.github|\\.vscode|\\.ci';
  const found = markdown.matchAll(new RegExp(`(?<![\\w./-])(?:${folders})/[\\w./{},*-]*`, 'g'));
  return [...new Set([...found].map(([path]) => path.replace(/[.,]+$/, '')))].filter(
    (path) => !/[{}*]|[A-Z]{3,}/.test(path.replace(/README|CHANGELOG|LICENSE|NOTICE/g, '')),
  );
}
