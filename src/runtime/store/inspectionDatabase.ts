import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { UserError } from '../../services/ports/errors.ts';
import { firstLine } from '../files/fileErrors.ts';
import { migration, queries, schemaVersion } from './inspectionSchema.ts';

/** Another window's transaction is waited for this long; it takes milliseconds. */
const patienceMs = 10_000;

type Cell = string | number | Uint8Array | null;
export type Row = readonly Cell[];
type Query = keyof typeof queries;

/**
 * The database of a folder's results: its queries by their names, and what SQLite says as
 * UserErrors.
 */
export class InspectionDatabase {
  readonly #file: string;
  readonly #database: DatabaseSyncInstance;
  readonly #statements = new Map<Query, StatementSyncInstance>();
  #written = 0;

  /** @throws UserError where `file` can't be opened, or is a newer version's */
  constructor(file: string) {
    this.#file = file;
    this.#database = prepared(file);
  }

  /** Transactions of this connection. */
  get written(): number {
    return this.#written;
  }

  run(query: Query, ...values: Row) {
    return this.#statement(query).run(...values);
  }

  first(query: Query, ...values: Row): Row | undefined {
    return this.#statement(query).get(...values) as Row | undefined;
  }

  each(query: Query, ...values: Row): IterableIterator<Row> {
    return this.#statement(query).iterate(...values) as IterableIterator<Row>;
  }

  /** The first column of all rows: ids. */
  ids(query: Query, ...values: Row): number[] {
    return [...this.each(query, ...values)].map(([id]) => id as number);
  }

  idOf(kind: 'detector' | 'image', value: string): number | undefined {
    return this.first(kind, value)?.[0] as number | undefined;
  }

  /** @throws UserError where SQLite fails */
  read<T>(step: () => T): T {
    return told(this.#file, step);
  }

  /** All that `step` writes, or nothing. @throws UserError where SQLite fails */
  transaction(step: () => void): void {
    told(this.#file, () => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        step();
        this.#database.exec('COMMIT');
        this.#written++;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  close(): void {
    this.#database.close();
  }

  #statement(query: Query): StatementSyncInstance {
    let statement = this.#statements.get(query);
    if (!statement) {
      statement = this.#database.prepare(queries[query]);
      statement.setReturnArrays(true);
      this.#statements.set(query, statement);
    }
    return statement;
  }
}

function prepared(file: string): DatabaseSyncInstance {
  const database = told(file, () => new DatabaseSync(file, { timeout: patienceMs }));
  try {
    return told(file, () => {
      database.exec('PRAGMA page_size = 8192; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY');
      // Inside the lock: two windows may make the same database at once.
      database.exec('BEGIN IMMEDIATE');
      const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
      if (version > schemaVersion)
        throw new UserError(`${file}: made by a newer version of NFERD. Update NFERD, or delete the file.`);
      if (version < schemaVersion) database.exec(`${migration(version)}; PRAGMA user_version = ${schemaVersion}`);
      database.exec('COMMIT');
      return database;
    });
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs `step`; what SQLite says becomes a UserError. */
function told<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const said = firstLine(error);
    const remedy = /locked|busy/i.test(said)
      ? 'Close the other window that uses it, or wait for it.'
      : /full/i.test(said)
        ? 'Free some space on the disk.'
        : 'Check the disk, or delete the file: what is in it is computed again.';
    throw new UserError(`${file}: the results could not be stored or read (${said}). ${remedy}`, { cause: error });
  }
}
