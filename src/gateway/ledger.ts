import { numberOf, type Sql, textOf } from "./strong/sql.ts";

/** One credential in the hands of one client. */
export interface Use {
  readonly credential: string;
  /** `<service id>/<instance id>`, or `unattributed`. */
  readonly client: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface RecordedUse {
  readonly credential: string;
  readonly client: string;
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  /** The last use is no later than `LEDGER_GAP_MS` after this. */
  readonly lastAt: number;
}

/** How many reads of both stores a client compared in phase `dual`, since it began to report. */
export interface ParityReport {
  readonly client: string;
  readonly namespace: string;
  /** Grows with each report of a client, so that a repeated one counts once. */
  readonly sequence: number;
  readonly compared: number;
  readonly different: number;
  readonly missing: number;
}

/** One object for an environment: who used which credential, and what applications saw. */
export interface LedgerApi {
  record(uses: readonly Use[]): Promise<void>;
  uses(): Promise<readonly RecordedUse[]>;
  addParity(report: ParityReport): Promise<void>;
  parity(): Promise<readonly ParityReport[]>;
}

/** A caller names itself: beyond this many names of one credential, further ones count together. */
const MAX_CLIENTS = 500;
export const UNATTRIBUTED = "unattributed";

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS uses (credential TEXT, client TEXT, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    PRIMARY KEY (credential, client)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS parity (client TEXT, namespace TEXT, sequence INTEGER NOT NULL, compared INTEGER NOT NULL,
    different INTEGER NOT NULL, missing INTEGER NOT NULL, PRIMARY KEY (client, namespace)) WITHOUT ROWID`,
];

export class LedgerTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    for (const statement of SCHEMA) sql.run(statement);
  }

  record(uses: readonly Use[]): void {
    this.#sql.transaction(() => {
      for (const { credential, client, at } of uses) {
        this.#sql.run(
          `INSERT INTO uses (credential, client, first_at, last_at) VALUES (?1, ?2, ?3, ?3)
           ON CONFLICT (credential, client) DO UPDATE SET last_at = max(last_at, excluded.last_at)`,
          credential,
          this.#isKnown(credential, client) ? client : UNATTRIBUTED,
          at,
        );
      }
    });
  }

  uses(): RecordedUse[] {
    const rows = this.#sql.run("SELECT credential, client, first_at, last_at FROM uses ORDER BY credential, client");
    return rows.map((row) => ({
      credential: textOf(row, "credential") ?? "",
      client: textOf(row, "client") ?? "",
      firstAt: numberOf(row, "first_at") ?? 0,
      lastAt: numberOf(row, "last_at") ?? 0,
    }));
  }

  /** Counts are sums: a later report of a client replaces its earlier one. */
  addParity({ client, namespace, sequence, compared, different, missing }: ParityReport): void {
    const [{ clients } = { clients: 0 }] = this.#sql.run("SELECT count(*) AS clients FROM parity");
    const [known] = this.#sql.run("SELECT 1 FROM parity WHERE client = ? AND namespace = ?", client, namespace);
    if (known === undefined && Number(clients) >= MAX_CLIENTS) return;
    this.#sql.run(
      `INSERT INTO parity (client, namespace, sequence, compared, different, missing) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (client, namespace) DO UPDATE SET sequence = excluded.sequence, compared = excluded.compared,
       different = excluded.different, missing = excluded.missing WHERE excluded.sequence > parity.sequence`,
      client,
      namespace,
      sequence,
      compared,
      different,
      missing,
    );
  }

  parity(): ParityReport[] {
    const rows = this.#sql.run("SELECT * FROM parity ORDER BY client, namespace");
    return rows.map((row) => ({
      client: textOf(row, "client") ?? "",
      namespace: textOf(row, "namespace") ?? "",
      sequence: numberOf(row, "sequence") ?? 0,
      compared: numberOf(row, "compared") ?? 0,
      different: numberOf(row, "different") ?? 0,
      missing: numberOf(row, "missing") ?? 0,
    }));
  }

  #isKnown(credential: string, client: string): boolean {
    const [known] = this.#sql.run("SELECT 1 FROM uses WHERE credential = ? AND client = ?", credential, client);
    if (known !== undefined) return true;
    const [{ clients } = { clients: 0 }] = this.#sql.run(
      "SELECT count(*) AS clients FROM uses WHERE credential = ?",
      credential,
    );
    return Number(clients) < MAX_CLIENTS;
  }
}
