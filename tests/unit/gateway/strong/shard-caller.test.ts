import { describe, expect, it } from "vitest";

import { Refusal } from "../../../../src/gateway/envelope.ts";
import type { ShardApi } from "../../../../src/gateway/strong/protocol.ts";
import { ShardCaller } from "../../../../src/gateway/strong/shard-caller.ts";

const RESTART = Object.assign(new Error("the object was reset"), { durableObjectReset: true });
const BUSY = Object.assign(new Error("too many requests"), { overloaded: true, retryable: true });

/** What is seen of a call whose attempts end in this way; `undefined`: with an answer. */
async function callWith(failures: readonly (Error | undefined)[]) {
  const connections: ShardApi[] = [];
  const attempts: { shard: number; api: ShardApi; isRepeat: boolean }[] = [];
  let connectedTo = -1;
  const caller = new ShardCaller((shard) => {
    connectedTo = shard;
    const api = {} as ShardApi;
    connections.push(api);
    return api;
  });
  const outcome = await caller
    .call(7, async (api, isRepeat) => {
      const failure = failures[attempts.length];
      attempts.push({ shard: connectedTo, api, isRepeat });
      if (failure !== undefined) throw failure;
      return "answer";
    })
    .catch((error: unknown) => error);
  return { outcome, attempts, connections };
}

describe("a call of a shard", () => {
  it("goes to its object, and is no repetition", async () => {
    const { outcome, attempts } = await callWith([undefined]);
    expect(outcome).toBe("answer");
    expect(attempts).toMatchObject([{ shard: 7, isRepeat: false }]);
  });

  it("is repeated once over a new connection where the object restarted, and hears that it is repeated", async () => {
    const { outcome, attempts, connections } = await callWith([RESTART, undefined]);
    expect(outcome).toBe("answer");
    expect(attempts.map(({ isRepeat }) => isRepeat)).toEqual([false, true]);
    expect(attempts.map(({ api }) => connections.indexOf(api))).toEqual([0, 1]);
    expect(new Set(attempts.map(({ api }) => api)).size).toBe(2);
  });

  it.each([
    ["a second restart", [RESTART, RESTART, undefined], 2],
    ["an object that has too much to do", [BUSY, undefined], 1],
    ["another failure", [new Error("disk full at /secret"), undefined], 1],
  ])("ends with 503 and tells nothing after %s", async (_, failures, expected) => {
    const { outcome, attempts } = await callWith(failures);
    expect(attempts).toHaveLength(expected);
    expect(outcome).toBeInstanceOf(Refusal);
    expect(outcome).toMatchObject({
      status: 503,
      retryAfter: 1,
      message: "The object that holds this key did not answer.",
    });
  });
});
