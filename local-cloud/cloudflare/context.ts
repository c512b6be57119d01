import type { Context } from "hono";

import type { Clock } from "../../src/core/clock.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import type { Exchange } from "../http/edge.ts";
import type { AuditLog } from "./audit-log.ts";
import type { KvStore } from "./kv-store.ts";
import type { TokenStore } from "./token-store.ts";
import type { WorkerHost } from "./worker-host.ts";
import type { WorkerStore } from "./worker-store.ts";

export interface Account {
  readonly id: string;
  readonly name: string;
  /** Its name below workers.dev, where it has one. */
  readonly workersSubdomain?: string | undefined;
}

/** What the routes share: the time and the state of the emulated cloud. */
export interface Cloud {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly accounts: readonly Account[];
  readonly tokens: TokenStore;
  readonly kv: KvStore;
  readonly workers: WorkerStore;
  readonly auditLog: AuditLog;
  /** Absent: uploads are kept, and nothing runs them. */
  readonly workerHost: WorkerHost | undefined;
  /** The address that requests come from where they do not say otherwise. */
  sourceAddress: string;
}

export interface EmulatorEnv {
  Bindings: {
    /** For the request log. A body that is no JSON or too large to keep stays `null`. */
    readonly exchange: Exchange;
  };
}

export type EmulatorContext = Context<EmulatorEnv>;

export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
