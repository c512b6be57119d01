import { AppError } from "../../core/app-error.ts";
import type { Phase } from "../../core/names.ts";

interface Refusal {
  /** What would be lost. */
  readonly why: string;
  readonly fix: string;
}

const KEEP_KV =
  "Keep `phase: kv`. If this checkout still has another phase, it is old: pull the newest Pulumi.<environment>.yaml.";

/**
 * The ways between the phases of a migration: from the provisioned one to that of the file. Each store has to hold what
 * the other one took before anybody reads there alone.
 */
const WAYS: Readonly<Record<Phase, Readonly<Record<Phase, "allowed" | Refusal>>>> = {
  redis: {
    redis: "allowed",
    dual: "allowed",
    kv: {
      why: "KV holds nothing of what was written to Redis: whoever reads it finds no session",
      fix: "First `phase: dual` and `kvshift up --deploy`, until KV holds what Redis holds; then `phase: kv`.",
    },
  },
  dual: {
    // Both are written: Redis has everything.
    redis: "allowed",
    dual: "allowed",
    kv: "allowed",
  },
  kv: {
    redis: {
      why: "since `phase: kv` nothing was written to Redis: whoever reads there finds what was true then",
      fix: KEEP_KV,
    },
    dual: {
      why: "since `phase: kv` nothing was written to Redis, and `dual` reads a part of the keys there",
      fix: KEEP_KV,
    },
    kv: "allowed",
  },
};

/** @throws AppError PHASE_CHANGE_REFUSED where the way from the provisioned phase would lose data */
export function guardPhase(was: Phase | undefined, wanted: Phase): void {
  const way = was === undefined ? "allowed" : WAYS[was][wanted];
  if (way === "allowed") return;
  throw new AppError("PHASE_CHANGE_REFUSED", {
    problem: `The phase cannot go from ${String(was)} to ${wanted}: ${way.why}.`,
    fix: way.fix,
  });
}
