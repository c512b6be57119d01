import type { Clock } from "../core/clock.ts";
import { unavailable } from "./envelope.ts";
import { type LedgerApi, type Refusals, UNATTRIBUTED, type Use } from "./ledger.ts";
import { callAgainAfterRestart } from "./restart.ts";

/**
 * The ledger is never more than this behind: a use after such a gap is recorded before it is answered. Who finds a last
 * use older than this knows that the credential was quiet since, whatever became of the isolates that served it.
 */
export const LEDGER_GAP_MS = 60_000;
/** Within the gap the ledger is told now and then, after the answer: after this part of it. */
const REFRESH_PART = 1 / 3;
const MAX_REMEMBERED = 1_000;

/** `RENDER_SERVICE_ID/RENDER_INSTANCE_ID`: https://render.com/docs/environment-variables */
const CLIENT = /^[a-z]{3}-[a-z0-9]{1,40}(-[a-z0-9-]{1,40})?\/[A-Za-z0-9-]{1,80}$/;

/** What a request says of its sender, or `unattributed`. */
function clientOf(request: Request): string {
  const name = request.headers.get("kvshift-client") ?? "";
  return CLIENT.test(name) ? name : UNATTRIBUTED;
}

/** Keeps the ledger of one isolate's uses. */
export class UsageRecorder {
  readonly #connect: () => LedgerApi;
  readonly #clock: Clock;
  readonly #gapMs: number;
  /** Milliseconds since the epoch of what the ledger holds, by credential and client. */
  readonly #recorded = new Map<string, number>();

  constructor(connect: () => LedgerApi, clock: Clock, gapMs = LEDGER_GAP_MS) {
    this.#connect = connect;
    this.#clock = clock;
    this.#gapMs = gapMs;
  }

  /** `afterwards` takes work that the answer need not wait for. */
  async note(credential: string, request: Request, afterwards: (work: Promise<unknown>) => void): Promise<void> {
    const client = clientOf(request);
    const use: Use = { credential, client, at: this.#clock.now() };
    const key = `${credential} ${client}`;
    const age = use.at - (this.#recorded.get(key) ?? Number.NEGATIVE_INFINITY);
    if (age < this.#gapMs * REFRESH_PART) return;
    if (age >= this.#gapMs) {
      await this.#record(key, use).catch((error: unknown) => {
        throw unavailable("The use of this credential could not be recorded.", error);
      });
    } else {
      // Not before it is done: a failure leaves the gap to close with the next use.
      afterwards(this.#record(key, use).catch(() => undefined));
    }
  }

  async #record(key: string, use: Use): Promise<void> {
    await callAgainAfterRestart(() => this.#connect().record([use]));
    if (this.#recorded.size >= MAX_REMEMBERED) this.#recorded.clear();
    this.#recorded.set(key, use.at);
  }
}

/**
 * Counts what is refused with a suspended credential. A refusal is recorded before it is answered, so that one that was
 * seen by its sender is seen by who watches; those that come while the ledger is told are told together after it.
 */
export class RefusalRecorder {
  readonly #connect: () => LedgerApi;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Refusals>();
  #telling: Promise<void> | undefined;

  constructor(connect: () => LedgerApi, clock: Clock) {
    this.#connect = connect;
    this.#clock = clock;
  }

  /** Never rejects: where the ledger is away the refusal stays counted for the next one, and is a refusal all the same. */
  async note(credential: string, request: Request): Promise<void> {
    const client = clientOf(request);
    const key = `${credential} ${client}`;
    const { count = 0 } = this.#waiting.get(key) ?? {};
    if (this.#waiting.size < MAX_REMEMBERED) {
      this.#waiting.set(key, { credential, client, at: this.#clock.now(), count: count + 1 });
    }
    await this.#telling;
    await (this.#telling ??= this.#tell().finally(() => {
      this.#telling = undefined;
    }));
  }

  async #tell(): Promise<void> {
    const told = [...this.#waiting.values()];
    if (told.length === 0) return;
    this.#waiting.clear();
    try {
      await callAgainAfterRestart(() => this.#connect().refuse(told));
    } catch {
      for (const one of told) this.#wait(one);
    }
  }

  #wait(refusals: Refusals): void {
    const key = `${refusals.credential} ${refusals.client}`;
    const { count = 0, at = 0 } = this.#waiting.get(key) ?? {};
    this.#waiting.set(key, { ...refusals, at: Math.max(at, refusals.at), count: count + refusals.count });
  }
}
