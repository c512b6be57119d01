import { describe, expect, it } from "vitest";

import { RecordedState } from "../../../src/state/recorded-state.ts";

/** A CLI that prints how often it was called, with what it was asked. */
function countingCli() {
  const calls: string[] = [];
  const run = (args: readonly string[]) => Promise.resolve(JSON.stringify(calls.push(args.join(" "))));
  return { calls, run };
}

describe("RecordedState", () => {
  it("exports each form once, however often it is asked for", async () => {
    const { calls, run } = countingCli();
    const state = new RecordedState(run);
    expect(await Promise.all([state.encrypted(), state.encrypted(), state.decrypted()])).toEqual([1, 1, 2]);
    expect(await state.decrypted()).toBe(2);
    expect(calls).toEqual(["stack export", "stack export --show-secrets"]);
  });

  it("exports both anew after a change", async () => {
    const state = new RecordedState(countingCli().run);
    await state.encrypted();
    await state.decrypted();
    state.changed();
    expect([await state.encrypted(), await state.decrypted()]).toEqual([3, 4]);
  });

  it("passes a failure on, and does not remember it beyond the next change", async () => {
    const answers = [Promise.reject(new Error("locked")), Promise.resolve("{}")];
    const state = new RecordedState(() => answers.shift() ?? Promise.reject(new Error("no answer left")));
    await expect(state.encrypted()).rejects.toThrow("locked");
    state.changed();
    expect(await state.encrypted()).toEqual({});
  });
});
