import { type Agent, request } from "node:http";

import { PASSWORD } from "../../src/cli/demo/brainbot-account.ts";

/** What people do, as the table names it. */
export const KINDS = [
  "cached read",
  "signed-in read",
  "document read",
  "question",
  "document write",
  "sign-in",
  "sign-out",
] as const;
export type Kind = (typeof KINDS)[number];

export interface Done {
  readonly kind: Kind;
  readonly ms: number;
  readonly ok: boolean;
}

export interface PersonOptions {
  readonly agent: Agent;
  readonly url: string;
  readonly user: string;
  readonly popular: number;
  readonly document: Buffer;
}

interface Call {
  readonly kind: Kind;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly expected: number;
  readonly body?: Buffer;
  /** Of the answer, where it is known. */
  readonly expectedBytes?: number;
}

const JSON_TYPE = { "content-type": "application/json" };

/** A browser of one person: does one thing at a time, and keeps how long each took. */
export class Person {
  readonly #options: PersonOptions;
  readonly done: Done[] = [];
  #cookie = "";

  constructor(options: PersonOptions) {
    this.#options = options;
  }

  /** Signs in and has a document: what everything else needs. */
  async arrive(): Promise<void> {
    await this.act("sign-in", 0);
    await this.act("document write", 0);
  }

  /**
   * `draw`, from 0 to 1: which one, where there are many. `since`, as `performance.now()` tells it: when this person was
   * wanted.
   */
  async act(kind: Kind, draw: number, since = performance.now()): Promise<void> {
    const { popular, document, user } = this.#options;
    switch (kind) {
      case "cached read":
        return this.#call(
          {
            kind,
            method: "GET",
            path: `/popular/${String(Math.floor(draw * popular))}`,
            expected: 200,
          },
          since,
        );
      case "signed-in read":
        return this.#call(
          { kind, method: "GET", path: draw < 0.5 ? "/me" : "/conversations/main", expected: 200 },
          since,
        );
      case "document read":
        return this.#call(
          {
            kind,
            method: "GET",
            path: "/documents/plan",
            expected: 200,
            expectedBytes: document.length,
          },
          since,
        );
      case "question": {
        const body = json({ question: `${user} asks ${String(draw)}` });
        return this.#call({ kind, method: "POST", path: "/conversations/main", expected: 200, body }, since);
      }
      case "document write":
        return this.#call({ kind, method: "PUT", path: "/documents/plan", expected: 204, body: document }, since);
      case "sign-in":
        return this.#call(
          {
            kind,
            method: "POST",
            path: "/session",
            expected: 200,
            body: json({ user, password: PASSWORD }),
          },
          since,
        );
      case "sign-out":
        await this.#call({ kind, method: "DELETE", path: "/session", expected: 204 }, since);
        return this.act("sign-in", draw);
    }
  }

  async #call(call: Call, since: number): Promise<void> {
    const ok = await this.#send(call).catch(() => false);
    this.done.push({ kind: call.kind, ms: performance.now() - since, ok });
  }

  /** Whether the answer is the one that is expected, read to its end. */
  async #send({ method, path, expected, body, expectedBytes }: Call): Promise<boolean> {
    const { agent, url } = this.#options;
    const headers = {
      ...(this.#cookie === "" ? {} : { cookie: this.#cookie }),
      ...(body === undefined ? {} : { "content-length": body.length, ...JSON_TYPE }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { method, agent, headers }, (response) => {
        let bytes = 0;
        response.on("data", (chunk: Buffer) => (bytes += chunk.length));
        response.on("error", reject).on("end", () => {
          const [cookie] = response.headers["set-cookie"] ?? [];
          if (cookie !== undefined) this.#cookie = cookie.split(";")[0] ?? "";
          resolve(response.statusCode === expected && (expectedBytes === undefined || bytes === expectedBytes));
        });
      });
      sent.on("error", reject).end(body);
    });
  }
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
