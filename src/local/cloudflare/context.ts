import type { Context } from "hono";

import type { Clock } from "../../core/clock.ts";
import type { KvStore } from "./kv-store.ts";
import type { TokenStore } from "./token-store.ts";
import type { WorkerStore } from "./worker-store.ts";

export interface Account {
  readonly id: string;
  readonly name: string;
}

/** What the routes share: the time and the state of the emulated cloud. */
export interface Cloud {
  readonly clock: Clock;
  readonly tokens: TokenStore;
  readonly kv: KvStore;
  readonly workers: WorkerStore;
  /** The address that requests come from where they do not say otherwise. */
  sourceAddress: string;
}

export interface EmulatorEnv {
  Variables: {
    /** For the request log; unset where the body was no JSON or too large to keep. */
    requestJson: unknown;
    /** For the request log: the text of a JSON answer. */
    answerText: string;
  };
}

export type EmulatorContext = Context<EmulatorEnv>;

export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
