/** What goes wrong with one call. */
export type Fault =
  /** Answered without doing anything. Without `body` an error status is answered in the vendor's own form. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** A string is sent as it is, anything else as JSON. */
      readonly body?: unknown;
    }
  /** Held back before anything is done. */
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** The connection ends before the effect. */
  | { readonly kind: "drop" }
  /** The connection ends after the effect, without an answer. */
  | { readonly kind: "lose-answer" }
  /** Code of a test around the effect. `after` runs when the call is in the log and says whether it is answered. */
  | {
      readonly kind: "intercept";
      readonly before?: () => Promise<void> | void;
      readonly after?: () => Promise<"answer" | "lose-answer">;
    }
  /** Bulk put and bulk delete of KV: these keys stay as they are and are listed in `unsuccessful_keys`. */
  | { readonly kind: "partial-bulk"; readonly fail: (key: string) => boolean };

/** Faults of a vendor without bulk operations. */
export type CallFault = Exclude<Fault, { readonly kind: "partial-bulk" }>;

export interface FaultRule<Allowed extends Fault = Fault> {
  /** `*` stands for every method. */
  readonly method: string;
  /**
   * A string is the whole path as received, without query; a pattern is searched in path and query; code of a test is
   * asked about each call.
   */
  readonly path: RegExp | string | ((call: { readonly method: string; readonly path: string }) => boolean);
  /** Matching calls that pass first. Default 0. */
  readonly skip?: number;
  /** Calls that the fault befalls. Default 1; `Infinity` for all. */
  readonly times?: number;
  readonly fault: Allowed;
}

export interface FaultHandle {
  /** Calls that the fault befell so far. */
  readonly hits: number;
}

interface PlannedFault<Allowed extends Fault> {
  readonly rule: FaultRule<Allowed>;
  skipped: number;
  hits: number;
}

/** What is to go wrong at a vendor. A call meets at most one fault: that of the oldest rule that is not used up. */
export class FaultPlan<Allowed extends Fault = Fault> {
  #planned: PlannedFault<Allowed>[] = [];

  add(rule: FaultRule<Allowed>): FaultHandle {
    const planned = { rule, skipped: 0, hits: 0 };
    this.#planned.push(planned);
    return {
      get hits() {
        return planned.hits;
      },
    };
  }

  /** Forgets all rules; their handles keep what they counted. */
  clear(): void {
    this.#planned = [];
  }

  /** The fault of this call, which counts as a hit. */
  take(request: Request): Allowed | undefined {
    for (const planned of this.#planned) {
      const { rule } = planned;
      if (planned.hits >= (rule.times ?? 1) || !matches(rule, request)) continue;
      if (planned.skipped < (rule.skip ?? 0)) {
        planned.skipped += 1;
        continue;
      }
      planned.hits += 1;
      return rule.fault;
    }
    return undefined;
  }
}

function matches({ method, path }: FaultRule, request: Request): boolean {
  if (method !== "*" && method !== request.method) return false;
  const { pathname, search } = new URL(request.url);
  if (typeof path === "function") return path({ method: request.method, path: pathname });
  // `search` ignores the position that a global pattern keeps between calls.
  return typeof path === "string" ? path === pathname : (pathname + search).search(path) !== -1;
}
