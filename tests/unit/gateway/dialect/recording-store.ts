import { BulkWrites } from "../../../../src/gateway/bulk-writes.ts";
import type { NamespaceCall } from "../../../../src/gateway/dialect/call.ts";
import type { KeyPage, NamespaceStore, TextEntry } from "../../../../src/gateway/store.ts";
import { STRONG } from "../../../../testbed/gateway-fixture.ts";
import { START } from "../../local-cloud/cloudflare/emulated-cloudflare.ts";

export const OPERATION_ID = "0123456789abcdef";

/** What a store was asked for; every method can be given an answer of its own. */
export function recordingStore(answers: Partial<NamespaceStore> = {}) {
  const calls: unknown[][] = [];
  const recorded =
    <Args extends unknown[], T>(name: string, answer: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> => {
      calls.push([name, ...structuredClone(args)]);
      return answer(...args);
    };
  const store: NamespaceStore = {
    consistency: "strong",
    minTtlSeconds: 60,
    get: recorded("get", answers.get ?? (() => Promise.resolve(undefined))),
    metadata: recorded("metadata", answers.metadata ?? (() => Promise.resolve(undefined))),
    put: recorded("put", answers.put ?? (() => Promise.resolve())),
    delete: recorded("delete", answers.delete ?? (() => Promise.resolve())),
    list: recorded("list", answers.list ?? (() => Promise.resolve<KeyPage>({ keys: [], cursor: undefined }))),
    getMany: recorded("getMany", answers.getMany ?? (() => Promise.resolve(new Map<string, TextEntry>()))),
    callsFor: answers.callsFor ?? ((items) => items),
    putMany: recorded("putMany", answers.putMany ?? (() => Promise.resolve([]))),
    deleteMany: recorded("deleteMany", answers.deleteMany ?? (() => Promise.resolve([]))),
  };
  return { store, calls };
}

/** A request to `store`, as the gateway hands it on. `path` is only there for its query. */
export function callOf(store: NamespaceStore, method: string, path = "", init: RequestInit = {}): NamespaceCall {
  const request = new Request(`https://gateway.test/${path}`, { ...init, method });
  return {
    request,
    query: new URL(request.url).searchParams,
    namespace: STRONG,
    store,
    clock: { now: () => START },
    bulkWrites: new BulkWrites({
      store,
      namespace: STRONG.name,
      budget: { left: 980 },
      relay: () => {
        throw new Error("a small bulk needs no relay");
      },
      newId: () => OPERATION_ID,
      pause: () => Promise.resolve(),
    }),
  };
}

/** The `result` and `result_info` of an answer; fails where it is a refusal. */
export async function resultOf(answer: Response | Promise<Response>): Promise<{ result: unknown; info: unknown }> {
  const envelope = (await (await answer).json()) as { success: boolean; result: unknown; result_info?: unknown };
  if (!envelope.success) throw new Error("the call was refused");
  return { result: envelope.result, info: envelope.result_info };
}
