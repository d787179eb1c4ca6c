/**
 * Parts of documents that are made from the code: what stands between `<!-- NAME:begin -->` and
 * `<!-- NAME:end -->`. All else is written by hand. `npm run docs` makes them anew.
 */
import { settings } from '../../src/extension/config.ts';
import { commands as editorCommands } from '../../src/extension/ids.ts';
import { rooms } from '../house/rooms.ts';
import { commandReference, commands } from './cliReference.ts';
import { table } from './table.ts';

const code = (text: string): string => `\`${text}\``;

/** `all of runtime` for all rooms in a room, so that a row can be read. */
function shortened(names: readonly string[]): string {
  let short = [...new Set(names)];
  for (const house of ['services', 'runtime']) {
    const inside = Object.keys(rooms).filter((room) => room.startsWith(`${house}/`));
    if (inside.length > 1 && inside.every((room) => short.includes(room)))
      short = [...short.filter((room) => room !== house && !inside.includes(room)), `all of ${house}`];
  }
  return short.length === 0 ? '–' : short.join(', ');
}

/** Which rooms there are in `src`, and what each may import. */
const roomTable = (): string =>
  table(
    ['room', 'what', 'may import'],
    Object.entries(rooms).map(([room, { what, mayImport }]) => [code(room), what, shortened(mayImport)]),
  );

const settingTable = (): string =>
  table(
    ['setting', 'default', 'what'],
    Object.entries(settings).map(([id, { default: initial, description, schema }]) => {
      const names = (schema.enum ?? []) as readonly string[];
      const texts = (schema.markdownEnumDescriptions ?? []) as readonly string[];
      const choices = names.map((name, at) => `${code(name)}: ${texts[at]!}`);
      const what = description.replaceAll(/`#(.*?)#`/g, '`$1`').replaceAll(/\n+/g, ' ');
      return [code(id), code(JSON.stringify(initial)), [what, ...choices].join('<br>')];
    }),
  );

const commandTable = (): string =>
  table(
    ['command', 'id'],
    Object.entries(editorCommands).map(([id, { title }]) => [`NFERD: ${title}`, code(id)]),
  );

/** Block → its text. */
export const blocks: Readonly<Record<string, () => string>> = {
  rooms: roomTable,
  settings: settingTable,
  commands: commandTable,
  ...Object.fromEntries(Object.keys(commands).map((name) => [`nferd ${name}`, () => commandReference(name)])),
};

const block = /<!-- ([\w -]+):begin -->[\s\S]*?<!-- \1:end -->/g;

/** The names of the blocks in a document. */
export const blocksIn = (markdown: string): string[] => [...markdown.matchAll(block)].map(([, name]) => name!);

/** `markdown` with every block made anew. @throws Error for a block that nobody makes */
export const fillBlocks = (markdown: string): string =>
  markdown.replaceAll(block, (_, name: string) => {
    const make = blocks[name];
    if (!make)
      throw new Error(`<!-- ${name}:begin -->: no block is called so. Known: ${Object.keys(blocks).join(', ')}`);
    return `<!-- ${name}:begin -->\n\n${make()}\n\n<!-- ${name}:end -->`;
  });
