import type { ExecutionContext } from "../../../src/gateway/runtime.ts";
import worker, { Ledger, Shard as GatewayShard } from "../../../src/gateway/worker.ts";

export { Ledger };

type Env = Parameters<typeof worker.fetch>[1];

/** Milliseconds since the epoch; `undefined`: the machine's own time. */
let time: number | undefined;

/** The gateway, with objects on a clock that a test sets: `POST /clock?at=<milliseconds since the epoch>`. */
export default {
  fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/clock") return worker.fetch(request, env, context);
    time = Number(searchParams.get("at"));
    return Promise.resolve(new Response());
  },
};

export class Shard extends GatewayShard {
  protected override now(): number {
    return time ?? super.now();
  }
}
