// The gateway, with objects that restart in the middle of calls: before a call has done anything, or after what it did
// is on disk and before anybody hears of it. That is what a new version of the Worker does to them.
import type { DurableObjectState } from "../../../src/gateway/runtime.ts";
import type { AtomicRequest, Write } from "../../../src/gateway/strong/protocol.ts";
import type { Operation } from "../../../src/gateway/store.ts";
import { Shard as RealShard } from "../../../src/gateway/worker.ts";

export { default, Ledger } from "../../../src/gateway/worker.ts";

const RESTARTED = "restarted by the test";

interface RestartableState extends DurableObjectState {
  readonly storage: DurableObjectState["storage"] & { sync(): Promise<void> };
  abort(reason: string): void;
}

interface Settings {
  /** Calls that an object answers at least between two restarts. */
  readonly RESTART_REST: string;
  /** Of 1,000 calls after that. */
  readonly RESTART_PER_MILLE: string;
  readonly RESTART_SEED: string;
}

export class Shard extends RealShard {
  readonly #state: RestartableState;
  readonly #settings: Settings;
  #calls = 0;
  #random: number;

  constructor(state: RestartableState, env: Settings & ConstructorParameters<typeof RealShard>[1]) {
    super(state, env);
    this.#state = state;
    this.#settings = env;
    // Another sequence after each restart.
    const { sql } = state.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS lives (n INTEGER)");
    sql.exec("INSERT INTO lives VALUES (1)");
    const [life] = sql.exec("SELECT count(*) AS n FROM lives").toArray();
    this.#random = Math.imul(Number(env.RESTART_SEED) + 1, 0x9e3779b1) ^ Math.imul(Number(life?.["n"]), 0x85ebca6b);
  }

  override async get(key: string) {
    return this.#restarting(async () => super.get(key));
  }

  override async put(write: Write, operation: Operation) {
    return this.#restarting(async () => super.put(write, operation));
  }

  override async delete(key: string, operation: Operation) {
    return this.#restarting(async () => super.delete(key, operation));
  }

  override async atomic(request: AtomicRequest, operationId: string) {
    return this.#restarting(async () => super.atomic(request, operationId));
  }

  async #restarting<T>(call: () => Promise<T>): Promise<T> {
    this.#calls += 1;
    const { RESTART_REST: rest, RESTART_PER_MILLE: perMille } = this.#settings;
    const isDue = this.#calls > Number(rest) && this.#draw() % 1000 < Number(perMille);
    if (!isDue) return call();
    if (this.#draw() % 2 === 0) return this.#restart();
    await call();
    await this.#state.storage.sync();
    return this.#restart();
  }

  #restart(): Promise<never> {
    // oxlint-disable-next-line no-console -- the test counts these lines in the log of the Worker
    console.log(RESTARTED);
    this.#state.abort(RESTARTED);
    return new Promise(() => undefined);
  }

  /** xorshift32. */
  #draw(): number {
    let next = this.#random || 1;
    next ^= next << 13;
    next ^= next >>> 17;
    next ^= next << 5;
    this.#random = next;
    return next >>> 0;
  }
}
