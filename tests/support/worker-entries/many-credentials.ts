import { CREDENTIAL_BINDINGS } from "../../../src/gateway/bindings.ts";
import type { ExecutionContext } from "../../../src/gateway/runtime.ts";
import worker, { Ledger, Shard } from "../../../src/gateway/worker.ts";

export { Ledger, Shard };

type Env = Parameters<typeof worker.fetch>[1];

let isOpen = false;

/** The gateway, with more credentials than the slots of an environment: one for each way to be let in or turned away. */
export default {
  fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    // Before the Worker reads its bindings, which it does once.
    if (!isOpen) openTo(Object.keys(env));
    isOpen = true;
    return worker.fetch(request, env, context);
  },
};

function openTo(bindings: readonly string[]): void {
  const further = bindings.filter((name) => name.startsWith("CREDENTIAL_") && !CREDENTIAL_BINDINGS.includes(name));
  (CREDENTIAL_BINDINGS as string[]).push(...further);
}
