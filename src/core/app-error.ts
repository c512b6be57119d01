import { ERROR_CODES, type ErrorCode } from "./error-codes.ts";

export interface AppErrorDetails {
  /** What happened, in one sentence. Never contains a secret or the payload of a request. */
  readonly problem: string;
  /** Places and findings, one a line; empty where the problem says it all. */
  readonly details?: readonly string[];
  /** What the reader does next. */
  readonly fix: string;
  /** Whether the same call may succeed later without any change. Default false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** What `--json` shows beside the error, for example the steps that held before it. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The one error type that kvshift shows to people: code, what, where, and how to fix it. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly problem: string;
  readonly details: readonly string[];
  readonly fix: string;
  readonly retryable: boolean;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, details: AppErrorDetails) {
    super(`${code}: ${details.problem}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.problem = details.problem;
    this.details = details.details ?? [];
    this.fix = details.fix;
    this.retryable = details.retryable ?? false;
    this.data = details.data ?? {};
  }

  /** The process exit code of this error's class. */
  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }

  /** Safe to log: holds the code and its fixed summary, no input. */
  get auditMessage(): string {
    return `${this.code}: ${ERROR_CODES[this.code].summary}`;
  }

  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      problem: this.problem,
      details: this.details,
      fix: this.fix,
      retryable: this.retryable,
    };
  }
}
