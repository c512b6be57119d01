import { numberOf, type Sql, textOf } from "./strong/sql.ts";

/** One credential in the hands of one client. */
export interface Use {
  readonly credential: string;
  /** `<service id>/<instance id>` as the client says of itself, or `unattributed`. */
  readonly client: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface RecordedUse {
  readonly credential: string;
  /** What a client says of itself, `unattributed`, or `forgotten`: clients that made room for others. */
  readonly client: string;
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  /** The last use is no later than `LEDGER_GAP_MS` after this. */
  readonly lastAt: number;
}

/** Requests with a suspended credential: it was valid, and was refused. */
export interface Refusals extends Use {
  readonly count: number;
}

export interface RecordedRefusals extends RecordedUse {
  readonly count: number;
}

/** Who used which credential, and who was refused. */
export interface Usage {
  readonly uses: readonly RecordedUse[];
  readonly refusals: readonly RecordedRefusals[];
}

/** How many reads of both stores a client compared in phase `dual`, since it began to report. */
export interface ParityReport {
  /** Id of the credential that the report was sent with: nobody reports for another one. */
  readonly credential: string;
  readonly client: string;
  readonly namespace: string;
  /** Grows with each report of a client, so that a repeated one counts once. */
  readonly sequence: number;
  readonly compared: number;
  readonly different: number;
  readonly missing: number;
}

/**
 * What became of a report. `repeated`: it is there already. `behind`: a later one of this client is there. `jumps`: its
 * sequence is so far ahead that no client counts like that.
 */
export type ParityOutcome = "taken" | "repeated" | "behind" | "jumps";

/** One object for an environment: who used which credential, and what applications saw. */
export interface LedgerApi {
  record(uses: readonly Use[]): Promise<void>;
  refuse(refusals: readonly Refusals[]): Promise<void>;
  /** `now`: milliseconds since the epoch. */
  usage(): Promise<Usage>;
  addParity(report: ParityReport, now: number): Promise<ParityOutcome>;
  parity(): Promise<readonly ParityReport[]>;
}

export const UNATTRIBUTED = "unattributed";
/** Clients that made room count together under this name: a last use is never lost with the name of its client. */
export const FORGOTTEN = "forgotten";

/** A caller names itself: of one credential no more clients than this are told apart. */
export const MAX_CLIENTS = 500;
/** Clients that were not seen for this long make room for others: 30 days. */
export const FORGET_AFTER_MS = 30 * 86_400_000;
/** A client that reports once a minute takes a week for this many reports. */
export const MAX_SEQUENCE_STEP = 10_000;

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS uses (credential TEXT, client TEXT, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    PRIMARY KEY (credential, client)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS refusals (credential TEXT, client TEXT, count INTEGER NOT NULL, first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL, PRIMARY KEY (credential, client)) WITHOUT ROWID`,
  // Not `parity`: that table, of earlier versions, did not say which credential had sent a report.
  `CREATE TABLE IF NOT EXISTS parity_reports (credential TEXT, client TEXT, namespace TEXT, sequence INTEGER NOT NULL,
    compared INTEGER NOT NULL, different INTEGER NOT NULL, missing INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (credential, client, namespace)) WITHOUT ROWID`,
  "DROP TABLE IF EXISTS parity",
];

export class LedgerTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    for (const statement of SCHEMA) sql.run(statement);
  }

  record(uses: readonly Use[]): void {
    this.#sql.transaction(() => {
      for (const use of uses) {
        this.#makeRoom("uses", use);
        this.#addUse(use, use.at);
      }
    });
  }

  refuse(refusals: readonly Refusals[]): void {
    this.#sql.transaction(() => {
      for (const refusal of refusals) {
        this.#makeRoom("refusals", refusal);
        this.#addRefusals(refusal, refusal.at);
      }
    });
  }

  usage(): Usage {
    const uses = this.#sql.run("SELECT * FROM uses ORDER BY credential, client").map(recordedUse);
    const refusals = this.#sql
      .run("SELECT * FROM refusals ORDER BY credential, client")
      .map((row) => ({ ...recordedUse(row), count: numberOf(row, "count") ?? 0 }));
    return { uses, refusals };
  }

  /** Counts are sums: a later report of a client replaces its earlier one. */
  addParity(report: ParityReport, now: number): ParityOutcome {
    const { credential, client, namespace, sequence, compared, different, missing } = report;
    return this.#sql.transaction(() => {
      const [row] = this.#sql.run(
        "SELECT sequence FROM parity_reports WHERE credential = ? AND client = ? AND namespace = ?",
        credential,
        client,
        namespace,
      );
      const last = row === undefined ? undefined : (numberOf(row, "sequence") ?? 0);
      if (last === sequence) return "repeated";
      if (last !== undefined && sequence < last) return "behind";
      if (sequence - (last ?? 0) > MAX_SEQUENCE_STEP) return "jumps";
      if (last === undefined) this.#makeRoomForReports(report, now);
      this.#sql.run(
        `INSERT INTO parity_reports (credential, client, namespace, sequence, compared, different, missing, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (credential, client, namespace) DO UPDATE SET sequence = ?4, compared = ?5, different = ?6,
         missing = ?7, at = ?8`,
        credential,
        client,
        namespace,
        sequence,
        compared,
        different,
        missing,
        now,
      );
      return "taken";
    });
  }

  parity(): ParityReport[] {
    const rows = this.#sql.run("SELECT * FROM parity_reports ORDER BY credential, client, namespace");
    return rows.map((row) => ({
      credential: textOf(row, "credential") ?? "",
      client: textOf(row, "client") ?? "",
      namespace: textOf(row, "namespace") ?? "",
      sequence: numberOf(row, "sequence") ?? 0,
      compared: numberOf(row, "compared") ?? 0,
      different: numberOf(row, "different") ?? 0,
      missing: numberOf(row, "missing") ?? 0,
    }));
  }

  #addUse({ credential, client, at }: Use, lastAt: number): void {
    this.#sql.run(
      `INSERT INTO uses (credential, client, first_at, last_at) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (credential, client) DO UPDATE SET first_at = min(first_at, ?3), last_at = max(last_at, ?4)`,
      credential,
      client,
      at,
      lastAt,
    );
  }

  #addRefusals({ credential, client, at, count }: Refusals, lastAt: number): void {
    this.#sql.run(
      `INSERT INTO refusals (credential, client, count, first_at, last_at) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT (credential, client) DO UPDATE SET count = count + ?3, first_at = min(first_at, ?4),
       last_at = max(last_at, ?5)`,
      credential,
      client,
      count,
      at,
      lastAt,
    );
  }

  /**
   * Before a client that is new: those that were not seen for long go, and where there are still too many, the oldest
   * one. What it did stays under `forgotten`, so that nobody makes a credential look quiet by making up names.
   */
  #makeRoom(table: "uses" | "refusals", { credential, client, at }: Use): void {
    const [known] = this.#sql.run(`SELECT 1 FROM ${table} WHERE credential = ? AND client = ?`, credential, client);
    if (known !== undefined) return;
    this.#sql.run(`DELETE FROM ${table} WHERE last_at < ?`, at - FORGET_AFTER_MS);
    const [{ clients } = { clients: 0 }] = this.#sql.run(
      `SELECT count(*) AS clients FROM ${table} WHERE credential = ? AND client <> ?`,
      credential,
      FORGOTTEN,
    );
    if (Number(clients) < MAX_CLIENTS) return;
    const [oldest] = this.#sql.run(
      `SELECT * FROM ${table} WHERE credential = ? AND client <> ? AND client <> ? ORDER BY last_at, client LIMIT 1`,
      credential,
      FORGOTTEN,
      UNATTRIBUTED,
    );
    if (oldest === undefined) return;
    const { client: gone, firstAt, lastAt } = recordedUse(oldest);
    const rest = { credential, client: FORGOTTEN, at: firstAt };
    if (table === "uses") this.#addUse(rest, lastAt);
    else this.#addRefusals({ ...rest, count: numberOf(oldest, "count") ?? 0 }, lastAt);
    this.#sql.run(`DELETE FROM ${table} WHERE credential = ? AND client = ?`, credential, gone);
  }

  #makeRoomForReports({ credential, client }: ParityReport, now: number): void {
    this.#sql.run("DELETE FROM parity_reports WHERE at < ?", now - FORGET_AFTER_MS);
    const clients = this.#sql.run(
      "SELECT client, max(at) AS last_at FROM parity_reports WHERE credential = ? GROUP BY client ORDER BY last_at, client",
      credential,
    );
    const [oldest] = clients;
    if (clients.length < MAX_CLIENTS || clients.some((row) => textOf(row, "client") === client)) return;
    this.#sql.run(
      "DELETE FROM parity_reports WHERE credential = ? AND client = ?",
      credential,
      oldest === undefined ? "" : (textOf(oldest, "client") ?? ""),
    );
  }
}

function recordedUse(row: Parameters<typeof textOf>[0]): RecordedUse {
  return {
    credential: textOf(row, "credential") ?? "",
    client: textOf(row, "client") ?? "",
    firstAt: numberOf(row, "first_at") ?? 0,
    lastAt: numberOf(row, "last_at") ?? 0,
  };
}
