/** One entry, in the fields that the vendor documents and the local cloud can fill. */
export interface AuditEvent {
  readonly id: string;
  readonly accountId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly action: "create" | "update" | "delete";
  readonly method: string;
  readonly uri: string;
  readonly status: number;
  readonly tokenId: string | undefined;
  readonly tokenName: string | undefined;
  /** Of the object that was changed; never its secret. */
  readonly resource: { readonly id: string | undefined; readonly type: string; readonly name: string | undefined };
}

const MAX_EVENTS = 10_000;

/** What was changed in each account, oldest first; bounded, so that a long-lived local cloud does not grow. */
export class AuditLog {
  readonly #events: AuditEvent[] = [];

  add(event: AuditEvent): void {
    this.#events.push(event);
    if (this.#events.length > MAX_EVENTS) this.#events.shift();
  }

  of(accountId: string): readonly AuditEvent[] {
    return this.#events.filter((event) => event.accountId === accountId);
  }
}
