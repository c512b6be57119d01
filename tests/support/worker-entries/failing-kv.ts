// The gateway over a Workers KV that never takes a key with "stubborn" in it, as it does not where somebody writes the
// key all the time. Objects get it too, so that relays meet it.
import type { DurableObjectState } from "../../../src/gateway/runtime.ts";
import worker, { Shard as RealShard } from "../../../src/gateway/worker.ts";

export { Ledger } from "../../../src/gateway/worker.ts";

type Env = ConstructorParameters<typeof RealShard>[1];

export default {
  fetch: (...[request, env, context]: Parameters<typeof worker.fetch>) => worker.fetch(request, failing(env), context),
};

export class Shard extends RealShard {
  constructor(state: DurableObjectState, env: Env) {
    super(state, failing(env));
  }
}

function failing(env: Env): Env {
  const entries = Object.entries(env).map(([name, binding]) => [
    name,
    name.startsWith("KV_") ? stubborn(binding) : binding,
  ]);
  return Object.fromEntries(entries) as Env;
}

function stubborn(kv: unknown): object {
  return new Proxy(kv as object, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (name === "put" && String(args[0]).includes("stubborn")) {
          return Promise.reject(new Error("KV PUT failed: 429 Too Many Requests"));
        }
        return method.apply(target, args);
      };
    },
  });
}
