import { Agent, request } from "node:http";

/** One kind of request, the same one over and over. */
export interface Target {
  readonly name: string;
  readonly method: "GET" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  /** The `index`th request. */
  readonly url: (index: number) => string;
  readonly body?: Buffer;
}

/**
 * Calls one target. Connections stay open during a turn and are closed with it: workerd closes one that nobody uses for
 * five seconds, without a word, maybe just when the next turn begins.
 */
export class Load {
  readonly #agent: Agent;
  readonly #target: Target;
  #next = 0;

  constructor(target: Target, connections: number) {
    this.#target = target;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** One request; resolves to its time in milliseconds. */
  async #once(): Promise<number> {
    const { method, headers, body, url } = this.#target;
    const index = this.#next;
    this.#next += 1;
    const start = performance.now();
    await new Promise<void>((resolve, reject) => {
      const sent = request(url(index), { method, headers, agent: this.#agent }, (response) => {
        const { statusCode = 0 } = response;
        if (statusCode >= 300) reject(new Error(`${this.#target.name}: ${statusCode}`));
        response.on("end", resolve).on("error", reject).resume();
      });
      sent.on("error", reject).end(body);
    });
    return performance.now() - start;
  }

  /** `count` requests one after the other; their times in milliseconds. */
  async sequence(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let index = 0; index < count; index += 1) times.push(await this.#once());
    this.#agent.destroy();
    return times;
  }

  /** `count` requests over `connections` at once; requests a second. */
  async throughput(count: number, connections: number): Promise<number> {
    const start = performance.now();
    let left = count;
    const worker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await this.#once();
      }
    };
    await Promise.all(Array.from({ length: connections }, worker));
    const rate = (count / (performance.now() - start)) * 1000;
    this.#agent.destroy();
    return rate;
  }
}
