import type { Clock } from "../core/clock.ts";
import { unavailable } from "./envelope.ts";
import { type LedgerApi, UNATTRIBUTED, type Use } from "./ledger.ts";
import { callAgainAfterRestart } from "./restart.ts";

/**
 * The ledger is never more than this behind: a use after such a gap is recorded before it is answered. Who finds a last
 * use older than this knows that the credential was quiet since, whatever became of the isolates that served it.
 */
export const LEDGER_GAP_MS = 60_000;
/** Within the gap the ledger is told now and then, after the answer. */
const REFRESH_MS = 20_000;
const MAX_REMEMBERED = 1_000;

/** `RENDER_SERVICE_ID/RENDER_INSTANCE_ID`: https://render.com/docs/environment-variables */
const CLIENT = /^[a-z]{3}-[a-z0-9]{1,40}(-[a-z0-9-]{1,40})?\/[A-Za-z0-9-]{1,80}$/;

/** Keeps the ledger of one isolate's uses. */
export class UsageRecorder {
  readonly #connect: () => LedgerApi;
  readonly #clock: Clock;
  /** Milliseconds since the epoch of what the ledger holds, by credential and client. */
  readonly #recorded = new Map<string, number>();

  constructor(connect: () => LedgerApi, clock: Clock) {
    this.#connect = connect;
    this.#clock = clock;
  }

  /** `afterwards` takes work that the answer need not wait for. */
  async note(credential: string, request: Request, afterwards: (work: Promise<unknown>) => void): Promise<void> {
    const name = request.headers.get("kvshift-client") ?? "";
    const client = CLIENT.test(name) ? name : UNATTRIBUTED;
    const use: Use = { credential, client, at: this.#clock.now() };
    const key = `${credential} ${client}`;
    const age = use.at - (this.#recorded.get(key) ?? Number.NEGATIVE_INFINITY);
    if (age < REFRESH_MS) return;
    if (age >= LEDGER_GAP_MS) {
      await this.#record(key, use).catch(() => {
        throw unavailable("The use of this credential could not be recorded.");
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
