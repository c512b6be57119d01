/** An answer with an error status. The message is what stands in `error`. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What cannot be read: https://upstash.com/docs/redis/features/restapi#http-codes */
export function unreadable(what: "command" | "pipeline request"): Refusal {
  return new Refusal(400, `ERR failed to parse ${what}`);
}
