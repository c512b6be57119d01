import { describe, expect, it } from "vitest";

import type { Deployment } from "../../../src/state/deployment.ts";
import { RecordedState } from "../../../src/state/recorded-state.ts";

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** A CLI that counts its calls and prints a state with one secret. */
function countingCli() {
  const calls: string[] = [];
  const run = (args: readonly string[]) => {
    const urn = String(calls.push(args.join(" ")));
    const outputs = { open: "seen", held: { ...SECRET, plaintext: '"opened"' }, list: [{ ...SECRET, plaintext: "1" }] };
    const deployment = { resources: [{ urn, type: "t", outputs }] };
    return Promise.resolve(JSON.stringify({ deployment }));
  };
  return { calls, run };
}

const first = async (state: Promise<Deployment>) => (await state).resources[0];

describe("RecordedState", () => {
  it("exports a state once, however often and in which form it is asked for", async () => {
    const { calls, run } = countingCli();
    const state = new RecordedState(run);
    const asked = await Promise.all([state.encrypted(), state.decrypted(), state.encrypted()].map(first));
    expect(asked.map((resource) => resource?.urn)).toEqual(["1", "1", "1"]);
    expect(calls).toEqual(["stack export --show-secrets"]);
  });

  it("has nothing of what secrets hold in the encrypted form, and says that they are secrets", async () => {
    const state = new RecordedState(countingCli().run);
    const sealed = { ...SECRET, ciphertext: "[secret]" };
    expect((await first(state.encrypted()))?.outputs).toEqual({ open: "seen", held: sealed, list: [sealed] });
    expect((await first(state.decrypted()))?.outputs["held"]).toMatchObject({ plaintext: '"opened"' });
  });

  it("exports it anew after a change", async () => {
    const state = new RecordedState(countingCli().run);
    await state.encrypted();
    state.changed();
    expect((await first(state.decrypted()))?.urn).toBe("2");
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
