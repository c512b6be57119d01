/** Whether the same call may succeed later without any change, by code. */
const CODES = {
  /** A variable is missing or cannot be read. */
  NOT_CONFIGURED: false,
  /** The environment has no namespace of that name. */
  UNKNOWN_NAMESPACE: false,
  /** The namespace is `eventual`, and only a `strong` one can do that. */
  NOT_STRONG: false,
  KEY_INVALID: false,
  VALUE_TOO_LARGE: false,
  METADATA_TOO_LARGE: false,
  /** The codec would not give back what it was given. */
  VALUE_NOT_ENCODABLE: false,
  /** What is stored is not what the codec or the schema expects. */
  VALUE_INVALID: false,
  /** The namespace cannot keep a pair for as long, or as short. */
  EXPIRY_UNSUPPORTED: false,
  /** A part of a split value is not there (yet). */
  PART_MISSING: true,
  /** The credential is not accepted. */
  UNAUTHORIZED: false,
  /** The endpoint refused the call. */
  REFUSED: false,
  RATE_LIMITED: true,
  /** The endpoint failed, or did not answer. */
  UNAVAILABLE: true,
  DEADLINE_EXCEEDED: true,
  ABORTED: false,
  /** So many calls failed just now that this one was not made. */
  CIRCUIT_OPEN: true,
  /** Cloudflare's API would block the whole account: the call was not made. */
  BUDGET_EXHAUSTED: true,
  /** Some pairs of a bulk were not written; `keys` has them. */
  INCOMPLETE: true,
} as const;

export type KvErrorCode = keyof typeof CODES;

export interface KvErrorDetails {
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** The keys that it is about. They are not in the message: it may be logged. */
  readonly keys?: readonly string[];
  readonly cause?: unknown;
  readonly isOutcomeUnknown?: boolean;
}

/** No answer came, or one that says that something went wrong on the way. */
const UNKNOWN_OUTCOMES: ReadonlySet<KvErrorCode> = new Set([
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "ABORTED",
  "INCOMPLETE",
]);

/** The one error of the library. Its message holds no key, no value and no secret. */
export class KvError extends Error {
  override readonly name = "KvError";
  readonly code: KvErrorCode;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly keys: readonly string[];
  /** Of a write: whether it may have been done all the same. */
  readonly isOutcomeUnknown: boolean;

  constructor(code: KvErrorCode, message: string, details: KvErrorDetails = {}) {
    const { status, keys = [], cause, isOutcomeUnknown = UNKNOWN_OUTCOMES.has(code) } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = CODES[code];
    this.status = status;
    this.keys = keys;
    // Loggers write what is enumerable, and a key may name a person.
    Object.defineProperty(this, "keys", { enumerable: false });
    this.isOutcomeUnknown = isOutcomeUnknown;
  }

  /** The same, where an attempt before it may have been done. */
  withUnknownOutcome(): KvError {
    if (this.isOutcomeUnknown) return this;
    const { code, message, status, keys, cause } = this;
    return new KvError(code, message, { status, keys, cause, isOutcomeUnknown: true });
  }
}
