import type { Clock } from "../../core/clock.ts";
import type { BulkWrites } from "../bulk-writes.ts";
import type { NamespaceConfig } from "../config.ts";
import type { NamespaceStore } from "../store.ts";

/** One request to one namespace that its credential reaches. */
export interface NamespaceCall {
  readonly request: Request;
  readonly query: URLSearchParams;
  readonly namespace: NamespaceConfig;
  readonly store: NamespaceStore;
  readonly clock: Clock;
  readonly bulkWrites: BulkWrites;
}

/** A query parameter that has to be a whole number; `NaN` where it is something else. */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  return numberOf(query, name, /^\d{1,16}$/);
}

/** The same of seconds, which a float may have written: `3600.0`. */
export function secondsOf(query: URLSearchParams, name: string): number | undefined {
  return numberOf(query, name, /^\d{1,16}(?:\.0*)?$/);
}

function numberOf(query: URLSearchParams, name: string, form: RegExp): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  return form.test(text) ? Number(text) : Number.NaN;
}
