/** What the binding inside a Worker asks the emulator for, each a POST to the path of that name. */
export interface KvCalls {
  /** Answered with the bytes; 404: no such key. */
  readonly get: { readonly key: string };
  /** Answered with `BulkAnswer`. */
  readonly "get-bulk": { readonly keys: readonly string[] };
  /** The body is the value, the call is in the header. */
  readonly put: {
    readonly key: string;
    readonly expiration?: number | undefined;
    readonly expirationTtl?: number | undefined;
    /** JSON text. */
    readonly metadata?: string | undefined;
  };
  readonly delete: { readonly key: string };
  /** Answered with a page as the binding gives it. */
  readonly list: { readonly prefix: string; readonly limit: number; readonly cursor?: string | undefined };
}
export type KvOperation = keyof KvCalls;

/** `null`: no such key. */
export type BulkAnswer = readonly (null | { readonly value: string; readonly metadata: unknown })[];

/** Percent-encoded JSON: the call of a put. */
export const CALL_HEADER = "x-kvshift-call";
/** Percent-encoded JSON: the metadata of a value. */
export const METADATA_HEADER = "x-kvshift-metadata";
/** Of an answer that is a refusal; its text is the message of the error. */
export const REFUSED_STATUS = 400;
/** Of an answer to a get where there is no such key. */
export const MISSING_STATUS = 404;
