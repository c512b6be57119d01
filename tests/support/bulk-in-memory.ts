import type { RelayApi } from "../../src/gateway/bulk-writes.ts";
import type { GatewayOptions } from "../../src/gateway/gateway.ts";
import type { NamespaceStore } from "../../src/gateway/store.ts";

/** Calls to storage that one invocation may make. */
export const CALLS_OF_ONE_INVOCATION = 980;

/** Relays in this process: each call of one is an invocation, on a store that `storeOf` makes for it. No pauses. */
export function bulkInMemory(storeOf: (namespace: string) => NamespaceStore): GatewayOptions["bulk"] {
  let ids = 0;
  const relay: RelayApi = {
    putThrough: (name, pairs, operation) => storeOf(name).putMany(pairs, { left: CALLS_OF_ONE_INVOCATION }, operation),
    deleteThrough: (name, keys, operation) =>
      storeOf(name).deleteMany(keys, { left: CALLS_OF_ONE_INVOCATION }, operation),
  };
  return {
    relay: () => relay,
    newId: () => {
      ids += 1;
      return `b${ids.toString(16).padStart(15, "0")}`;
    },
    pause: () => Promise.resolve(),
  };
}
