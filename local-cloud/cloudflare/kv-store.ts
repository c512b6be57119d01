import type { Clock } from "../../src/core/clock.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import { newObjectId } from "./ids.ts";
import { KeySpace } from "./key-space.ts";

export const JURISDICTIONS = ["eu", "us", "fedramp"] as const;
export type Jurisdiction = (typeof JURISDICTIONS)[number];

export interface KvNamespace {
  readonly id: string;
  readonly accountId: string;
  title: string;
  readonly jurisdiction: Jurisdiction | undefined;
  readonly keys: KeySpace;
}

/** The KV namespaces of all accounts. */
export class KvStore {
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #byId = new Map<string, KvNamespace>();

  constructor(clock: Clock, random: RandomBytes) {
    this.#clock = clock;
    this.#random = random;
  }

  create(accountId: string, title: string, jurisdiction: Jurisdiction | undefined): KvNamespace {
    const namespace: KvNamespace = {
      id: newObjectId(this.#random),
      accountId,
      title,
      jurisdiction,
      keys: new KeySpace(this.#clock),
    };
    this.#byId.set(namespace.id, namespace);
    return namespace;
  }

  get(accountId: string, id: string): KvNamespace | undefined {
    const namespace = this.#byId.get(id);
    return namespace?.accountId === accountId ? namespace : undefined;
  }

  ofAccount(accountId: string): KvNamespace[] {
    return [...this.#byId.values()].filter((namespace) => namespace.accountId === accountId);
  }

  /** With all its pairs. */
  delete(namespace: KvNamespace): void {
    this.#byId.delete(namespace.id);
  }
}
