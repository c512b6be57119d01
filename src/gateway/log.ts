import type { AuthenticationFailure } from "./credentials.ts";
import { CODES, Refusal } from "./envelope.ts";
import type { Route } from "./route.ts";

/** One line of the log. Never a key, a value or anything else that a caller sent. */
export interface LogLine {
  readonly event: "refused" | "failed";
  readonly operation: Route["kind"] | "unknown";
  readonly status: number;
  readonly code: number;
  /** Name of the namespace, where it is one that the caller may know of. */
  readonly namespace?: string | undefined;
  /** Id of the credential, where it is valid or suspended. */
  readonly credential?: string | undefined;
  readonly reason?: AuthenticationFailure | undefined;
  /** Of a failure inside: where in the code, without any message. */
  readonly at?: string | undefined;
}

/** What is known of a request so far, for the log. */
export interface Trace {
  operation: Route["kind"] | "unknown";
  credential?: string;
  namespace?: string;
  reason?: AuthenticationFailure;
}

/** A failure below a refusal is one of ours: the log has where it was. */
export function lineOf({ status, code, cause }: Refusal, trace: Trace): LogLine {
  return cause === undefined ? { event: "refused", status, code, ...trace } : failure(status, cause, trace);
}

/** Of what failed inside. `status`: of the answer. */
export function failure(status: number, cause: unknown, trace: Trace): LogLine {
  return { event: "failed", status, code: CODES.UNAVAILABLE, at: placeOf(cause), ...trace };
}

/** The frames of the stack: the message above them may hold what a caller sent, also lines that look like frames. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  // What a refusal is made of knows more than the refusal.
  if (error instanceof Refusal && error.cause !== undefined) return placeOf(error.cause);
  const { stack = "", message } = error;
  const start = stack.indexOf(message);
  if (start === -1) return "";
  const frames = stack
    .slice(start + message.length)
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
  return frames
    .slice(0, 4)
    .map((line) => line.trim())
    .join(" ");
}
