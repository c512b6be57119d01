import { AppError } from "../core/app-error.ts";
import type { Clock } from "../core/clock.ts";
import { appendToLog, readLog, takeBack } from "./log-file.ts";
import {
  type Actor,
  type AuditRecord,
  type Head,
  headOf,
  lineOf,
  NO_RECORD,
  readLine,
  type Sign,
  sha256,
} from "./record.ts";
import { verifyLog } from "./verify.ts";

/** Where the head of the chain is kept beside the log, out of reach of who edits the file. */
export interface HeadStore {
  read(): Promise<Head | undefined>;
  write(head: Head): Promise<void>;
}

export interface TrailOptions {
  readonly path: string;
  readonly environment: string;
  readonly head: HeadStore;
  readonly clock: Clock;
  /** Id of this run of a command. */
  readonly run: string;
  readonly by: Actor;
  readonly commit: string | undefined;
  readonly versions: Readonly<Record<string, string>>;
  readonly sign: Sign | undefined;
  /**
   * Brings the log out of this machine before the stack remembers the new head, so that a machine that dies loses no
   * record. Where it fails, the record is taken back: nobody knows of it yet.
   */
  readonly publish?: ((record: AuditRecord) => Promise<void>) | undefined;
}

/** What a flow says of an effect. */
export interface Entry {
  readonly flow: string;
  readonly step?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  /** Ids, counts and findings, never a value. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** The audit log of one environment, for one run that holds the stack: nobody else writes meanwhile. */
export class AuditTrail {
  readonly #options: TrailOptions;
  #last: Head;

  private constructor(options: TrailOptions, last: Head) {
    this.#options = options;
    this.#last = last;
  }

  /**
   * Opens the log and mends the torn line that a crash left at its end, with a record that says so.
   *
   * @throws AppError AUDIT_BROKEN where the log is not whole, or is older than what the stack remembers
   */
  static async open(options: TrailOptions): Promise<AuditTrail> {
    const [found, head] = await Promise.all([readLog(options.path), options.head.read()]);
    const text = await withLineEnd(options.path, found);
    const end = text.lastIndexOf("\n") + 1;
    const [whole, torn] = [text.slice(0, end), text.slice(end)];
    const { finding, records, head: last, newerThanStack } = verifyLog(whole, { head });
    if (finding !== undefined) throw broken(options, finding.message, finding.line);
    const other = records.find(({ environment }) => environment !== options.environment);
    if (other !== undefined) {
      throw broken(options, `It holds records of ${other.environment}: each environment has its own file.`, 1);
    }
    const trail = new AuditTrail(options, last ?? { sequence: 0, hash: NO_RECORD });
    if (torn !== "") await trail.#repair(torn);
    // A run broke off between its record and the stack's memory of it: from now on it is remembered.
    else if (newerThanStack > 0 || (head === undefined && last !== undefined)) await options.head.write(trail.#last);
    return trail;
  }

  /** The record that the next one will continue. */
  get head(): Head {
    return this.#last;
  }

  /**
   * Writes what is about to be done, does it, and writes what came of it, also where it failed. The intent is on the
   * disk before the effect begins. `describe`: what the outcome says beside the entry.
   */
  async around<Result>(
    entry: Entry,
    effect: () => Promise<Result>,
    describe: (result: Result) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>,
  ): Promise<Result> {
    const startedAt = this.#options.clock.now();
    await this.#append({ ...fieldsOf(entry), kind: "intent" });
    const duration = () => ({ durationMs: this.#options.clock.now() - startedAt });
    let result: Result;
    try {
      result = await effect();
    } catch (error) {
      const failure = error instanceof AppError ? error.auditMessage : "BUG: an error that kvshift does not know";
      const details = { ...entry.details, failure };
      const failed = { ...fieldsOf({ ...entry, details }), kind: "outcome", outcome: "failed", ...duration() } as const;
      // What failed is what people have to know; an intent without an outcome says the same.
      await this.#append(failed).catch(() => undefined);
      throw error;
    }
    const details = { ...entry.details, ...(await describe(result)) };
    await this.#append({ ...fieldsOf({ ...entry, details }), kind: "outcome", outcome: "done", ...duration() });
    return result;
  }

  /** Writes something that was done without an effect, such as a run that found nothing to change. */
  async done(entry: Entry): Promise<void> {
    await this.#append({ ...fieldsOf(entry), kind: "outcome", outcome: "done" });
  }

  /** Writes what was seen and decided by. */
  async evidence(entry: Entry): Promise<void> {
    await this.#append({ ...fieldsOf(entry), kind: "evidence" });
  }

  async #repair(torn: string): Promise<void> {
    const details = { torn: sha256(torn), bytes: Buffer.byteLength(torn) };
    await this.#append({ flow: "audit", kind: "repair", details }, "\n");
  }

  async #append(
    fields: Pick<AuditRecord, "flow" | "kind"> &
      Partial<Pick<AuditRecord, "step" | "outcome" | "roles" | "durationMs" | "details">>,
    before = "",
  ): Promise<void> {
    const { path, environment, head, clock, run, by, commit, versions, sign } = this.#options;
    const sequence = this.#last.sequence + 1;
    const { flow, step, kind, outcome, roles, durationMs, details } = fields;
    const record: AuditRecord = {
      sequence,
      time: new Date(clock.now()).toISOString(),
      previous: this.#last.hash,
      run,
      environment,
      flow,
      ...(step === undefined ? {} : { step }),
      kind,
      ...(outcome === undefined ? {} : { outcome }),
      ...(roles === undefined ? {} : { roles }),
      by,
      ...(commit === undefined ? {} : { commit }),
      versions,
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(details === undefined ? {} : { details }),
    };
    const line = lineOf(record, sign);
    const { bytesBefore } = await appendToLog(path, `${before}${line}\n`);
    await this.#options.publish?.(record).catch(async (error: unknown) => {
      await takeBack(path, bytesBefore);
      throw error;
    });
    this.#last = headOf(line, sequence);
    await head.write(this.#last);
  }
}

/** Only the end of the line may be what a crash kept from the disk: then the record is whole. */
async function withLineEnd(path: string, text: string): Promise<string> {
  const last = text.slice(text.lastIndexOf("\n") + 1);
  if (readLine(last) === undefined) return text;
  await appendToLog(path, "\n");
  return `${text}\n`;
}

function fieldsOf({ flow, step, roles, details }: Entry) {
  return {
    flow,
    ...(step === undefined ? {} : { step }),
    ...(roles === undefined ? {} : { roles: [...roles] }),
    ...(details === undefined ? {} : { details }),
  };
}

function broken({ path, environment }: TrailOptions, message: string, line: number): AppError {
  return new AppError("AUDIT_BROKEN", {
    problem: `The audit log of ${environment} cannot be continued: ${message}`,
    details: [`${path}:${String(line)}`],
    fix: "Pull the newest log, or bring it back from git; `kvshift audit verify` judges it. Nothing was changed.",
  });
}
