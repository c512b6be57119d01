import { DatabaseSync } from "node:sqlite";

import type { Sql, SqlRow, SqlValue } from "../../src/gateway/strong/sql.ts";

/** SQLite in memory, in place of the one of a Durable Object. */
export class NodeSql implements Sql {
  readonly #database = new DatabaseSync(":memory:");
  #depth = 0;

  run(statement: string, ...values: readonly SqlValue[]): readonly SqlRow[] {
    return this.#database.prepare(statement).all(...values.map(plain)) as SqlRow[];
  }

  write(statement: string, ...values: readonly SqlValue[]): boolean {
    return this.#database.prepare(statement).run(...values.map(plain)).changes > 0;
  }

  transaction<T>(work: () => T): T {
    this.#depth += 1;
    const savepoint = `level${this.#depth}`;
    this.#database.exec(`SAVEPOINT ${savepoint}`);
    try {
      const result = work();
      this.#database.exec(`RELEASE ${savepoint}`);
      return result;
    } catch (error) {
      this.#database.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }
}

function plain(value: SqlValue): Exclude<SqlValue, ArrayBuffer> {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}
