import { unavailable } from "../envelope.ts";
import { callAgainAfterRestart } from "../restart.ts";
import type { ShardApi } from "./protocol.ts";

/** Speaks to the objects of one namespace, and repeats a call once where the object restarted under it. */
export class ShardCaller {
  readonly #connect: (shard: number) => ShardApi;

  constructor(connect: (shard: number) => ShardApi) {
    this.#connect = connect;
  }

  /** `call` hears whether it is the repetition: the first attempt may have been done. */
  async call<T>(shard: number, call: (api: ShardApi, isRepeat: boolean) => Promise<T>): Promise<T> {
    try {
      // A connection that failed once stays broken: each attempt has its own.
      return await callAgainAfterRestart((isRepeat) => call(this.#connect(shard), isRepeat));
    } catch (error) {
      throw unavailable("The object that holds this key did not answer.", error);
    }
  }
}
