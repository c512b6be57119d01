import { describe, expect, test } from "vitest";

import { callAgainAfterRestart } from "../../../src/gateway/restart.ts";

const failing = (properties: object) => Object.assign(new Error("the object is gone"), properties);

/** A call that fails with each of `failures` in turn, then succeeds; and what it heard. */
function createCall(...failures: readonly Error[]) {
  const heard: boolean[] = [];
  const call = async (isRepeat: boolean) => {
    heard.push(isRepeat);
    const failure = failures[heard.length - 1];
    if (failure !== undefined) throw failure;
    return "done";
  };
  return { call, heard };
}

describe("a call to an object", () => {
  test.each([{ retryable: true }, { durableObjectReset: true }])(
    "is repeated once after %o, and told so",
    async (properties) => {
      const { call, heard } = createCall(failing(properties));
      expect(await callAgainAfterRestart(call)).toBe("done");
      expect(heard).toEqual([false, true]);
    },
  );

  test("is not repeated a second time", async () => {
    const { call, heard } = createCall(failing({ retryable: true }), failing({ retryable: true }));
    await expect(callAgainAfterRestart(call)).rejects.toThrow("gone");
    expect(heard).toEqual([false, true]);
  });

  test.each([{}, { retryable: true, overloaded: true }])("is not repeated after %o", async (properties) => {
    const { call, heard } = createCall(failing(properties));
    await expect(callAgainAfterRestart(call)).rejects.toThrow("gone");
    expect(heard).toEqual([false]);
  });
});
