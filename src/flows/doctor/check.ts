import { AppError } from "../../core/app-error.ts";

/** One thing that a run needs, looked at. */
export interface Check {
  readonly name: string;
  /** `"skipped"`: it could not be looked at, or does not apply. */
  readonly ok: boolean | "skipped";
  readonly found: string;
  /** How to mend it; beside `ok: true` it is a warning. Never holds a secret. */
  readonly fix?: string;
}

export function passed(name: string, found: string, warning?: string): Check {
  return { name, ok: true, found, ...(warning === undefined ? {} : { fix: warning }) };
}

export function broken(name: string, found: string, fix: string): Check {
  return { name, ok: false, found, fix };
}

export function skipped(name: string, why: string): Check {
  return { name, ok: "skipped", found: why };
}

/** The check of something that is refused with an `AppError`. */
export function brokenBy(name: string, error: unknown): Check {
  if (!(error instanceof AppError)) throw error;
  return broken(name, error.problem, [...error.details, error.fix].join("\n"));
}
