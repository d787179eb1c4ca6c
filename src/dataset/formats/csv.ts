export interface CsvRow {
  /** Line of the text that it begins in, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads comma-separated values (RFC 4180); semicolons and tabs, as spreadsheets write them, are
 * recognised by the first line, or said by it (`sep=;`). Blank lines and a byte order mark are
 * skipped. A few lines of our own: this room has no packages, and the format is small.
 */
export function parseCsv(text: string): CsvRow[] {
  const whole = text.replace(/^\ufeff/, '');
  const said = /^sep=(.)\r?\n/i.exec(whole);
  const clean = said ? whole.slice(said[0].length) : whole;
  const head = clean.split(/\r?\n/, 1)[0]!;
  const separator =
    said?.[1] ?? [',', ';', '\t'].reduce((a, b) => (head.split(b).length > head.split(a).length ? b : a));
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let [at, line, counted] = [0, said ? 2 : 1, 0];
  while (at < clean.length) {
    let cell = '';
    if (clean[at] === '"') {
      for (at++; at < clean.length; at++) {
        if (clean[at] !== '"') cell += clean[at];
        else if (clean[at + 1] === '"') cell += clean[at++];
        else break;
      }
      at++;
    }
    // What follows a closing quote, or a cell without quotes.
    const start = at;
    while (at < clean.length && clean[at] !== separator && clean[at] !== '\n' && clean[at] !== '\r') at++;
    cells.push(cell + clean.slice(start, at));
    if (clean[at] === separator) {
      at++;
      if (at < clean.length) continue;
      cells.push('');
    }
    while (clean[at] === '\n' || clean[at] === '\r') at++;
    if (cells.some((value) => value !== '')) rows.push({ line, cells });
    cells = [];
    line += clean.slice(counted, at).match(/\r\n?|\n/g)?.length ?? 0;
    counted = at;
  }
  return rows;
}

/** Writes rows as RFC 4180 has them, lines ended with CRLF. */
export const csvText = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map(quoted).join(',')}\r\n`).join('');

const quoted = (cell: string): string => (/[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
