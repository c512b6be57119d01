/** One implementation of Cloudflare's KV REST dialect, with a namespace that tests may write to. */
export interface KvDialect extends AsyncDisposable {
  /** Answers a request; the host of its URL does not matter. */
  fetch(this: void, request: Request): Promise<Response>;
  /** Up to and with `/client/v4`. */
  readonly baseUrl: string;
  readonly token: string;
  readonly accountId: string;
  readonly namespace: { readonly id: string; readonly title: string };
  readonly minTtlSeconds: number;
  /** Whether the answer to a read tells when the pair ends. The binding of Workers KV does not know. */
  readonly tellsExpiration: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Lets what was written become visible everywhere, where that takes time; less than half an hour. */
  readonly settle?: () => void;
}

/** An implementation whose clock stands still until a test moves it. */
export interface KvDialectOnVirtualClock extends KvDialect {
  advance(this: void, milliseconds: number): void;
}
