import { Agent } from "node:http";

import { describe, expect, test } from "vitest";

import { type ServedVersion, ScriptRefused } from "../../../../local-cloud/cloudflare/worker-host.ts";
import { WorkerRuntime } from "../../../../local-cloud/workers/worker-runtime.ts";

function version(tag: string): ServedVersion {
  const input = {
    compatibility_flags: [],
    usage_model: "standard",
    modules: [],
    bindings: [],
    annotations: { tag },
  } as const;
  return {
    workerId: "w",
    input: { ...input, compatibility_flags: [], modules: [], bindings: [] },
    sqliteClasses: new Set(),
    keysOf: () => undefined,
  };
}

/** A runtime whose versions are only names; one of the name "bad" does not start. */
function createRuntime() {
  const events: string[] = [];
  const pauses: (() => void)[] = [];
  const runtime = new WorkerRuntime({
    clock: { now: () => 0 },
    folder: "unused",
    sleep: async (_, signal) =>
      new Promise((resolve) => {
        pauses.push(resolve);
        signal.addEventListener("abort", () => {
          resolve();
        });
      }),
    start: async (started) => {
      const tag = started.input.annotations["tag"] ?? "";
      if (tag === "bad") throw new ScriptRefused("it is bad");
      events.push(`start ${tag}`);
      return { version: started, port: 1, agent: new Agent(), stop: async () => void events.push(`stop ${tag}`) };
    },
  });
  return { runtime, events, pauses };
}

describe("the runtime of Workers", () => {
  test("never runs two versions of a Worker at once", async () => {
    const { runtime, events } = createRuntime();
    await Promise.all(["1", "2", "3"].map(async (tag) => runtime.serve(version(tag))));
    expect(events).toEqual(["start 1", "stop 1", "start 2", "stop 2", "start 3"]);
    await runtime[Symbol.asyncDispose]();
    expect(events.at(-1)).toBe("stop 3");
  });

  test("starts the version before again where the new one is refused", async () => {
    const { runtime, events } = createRuntime();
    await runtime.serve(version("1"));
    await expect(runtime.serve(version("bad"))).rejects.toThrow("it is bad");
    expect(events).toEqual(["start 1", "stop 1", "start 1"]);
    const entered = await runtime.enter("w");
    expect(entered?.running.version.input.annotations).toEqual({ tag: "1" });
    entered?.leave();
  });

  test("serves nothing where the first version is refused", async () => {
    const { runtime } = createRuntime();
    await expect(runtime.serve(version("bad"))).rejects.toThrow(ScriptRefused);
    expect(await runtime.enter("w")).toBeUndefined();
    expect(await runtime.enter("unknown")).toBeUndefined();
  });

  test("waits for running requests, until the time for that is over", async () => {
    const { runtime, events, pauses } = createRuntime();
    await runtime.serve(version("1"));
    await runtime.enter("w");
    const exchanged = runtime.serve(version("2"));
    await expect.poll(() => pauses.length).toBe(2);
    expect(events).toEqual(["start 1"]);
    pauses[1]?.();
    await exchanged;
    expect(events).toEqual(["start 1", "stop 1", "start 2"]);
  });
});
