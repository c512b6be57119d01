import { describe, expect, it } from "vitest";

import type { Deployment } from "../../../src/state/deployment.ts";
import { RecordedState } from "../../../src/state/recorded-state.ts";

/** Which call of the CLI a state is from. */
const callOf = async (state: Promise<Deployment>) => Number((await state).resources[0]?.urn);

/** A CLI that prints how often it was called, with what it was asked. */
function countingCli() {
  const calls: string[] = [];
  const run = (args: readonly string[]) => {
    const resource = { urn: String(calls.push(args.join(" "))), type: "t" };
    return Promise.resolve(JSON.stringify({ deployment: { resources: [resource] } }));
  };
  return { calls, run };
}

describe("RecordedState", () => {
  it("exports each form once, however often it is asked for", async () => {
    const { calls, run } = countingCli();
    const state = new RecordedState(run);
    const asked = [state.encrypted(), state.encrypted(), state.decrypted()];
    expect(await Promise.all(asked.map(callOf))).toEqual([1, 1, 2]);
    expect(await callOf(state.decrypted())).toBe(2);
    expect(calls).toEqual(["stack export", "stack export --show-secrets"]);
  });

  it("exports both anew after a change", async () => {
    const state = new RecordedState(countingCli().run);
    await state.encrypted();
    await state.decrypted();
    state.changed();
    expect(await Promise.all([state.encrypted(), state.decrypted()].map(callOf))).toEqual([3, 4]);
  });

  it("reads the newest runs once between two changes", async () => {
    const calls: string[] = [];
    const state = new RecordedState((args) => {
      calls.push(args.join(" "));
      return Promise.resolve("[]");
    });
    expect(await Promise.all([state.runs(), state.runs()])).toEqual([[], []]);
    state.changed();
    await state.runs();
    expect(calls).toEqual(Array(2).fill("stack history --json --page-size 20"));
  });

  it("passes a failure on, and does not remember it beyond the next change", async () => {
    const answers = [Promise.reject(new Error("locked")), Promise.resolve('{"deployment":{}}')];
    const state = new RecordedState(() => answers.shift() ?? Promise.reject(new Error("no answer left")));
    await expect(state.encrypted()).rejects.toThrow("locked");
    state.changed();
    expect(await state.encrypted()).toEqual({ resources: [], pending: [], stack: undefined });
  });
});
