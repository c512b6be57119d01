import { describe, expect, test } from "vitest";

import { Gate, TooManyHeld } from "../../../../local-cloud/workers/gate.ts";

describe("the gate of a Worker", () => {
  test("lets requests pass while it is open, and counts them", async () => {
    const gate = new Gate();
    (await gate.enter())();
    (await gate.enter())();
    expect(gate.counts).toEqual({ held: 0, served: 2 });
  });

  test("is closed when nothing runs any more, and holds what comes until it is opened", async () => {
    const gate = new Gate();
    const events: string[] = [];
    const leave = await gate.enter();
    const closed = gate.close().then(() => events.push("closed"));
    const held = (async () => {
      const leaveLater = await gate.enter();
      events.push("entered");
      leaveLater();
    })();
    await Promise.resolve();
    expect(events).toEqual([]);
    leave();
    // A request that ends twice counts once.
    leave();
    await closed;
    expect(events).toEqual(["closed"]);
    gate.open();
    await held;
    expect(events).toEqual(["closed", "entered"]);
    expect(gate.counts).toEqual({ held: 1, served: 2 });
    await gate.close();
  });

  test("refuses more than a thousand waiting requests", async () => {
    const gate = new Gate();
    await gate.close();
    const waiting = Array.from({ length: 1000 }, async () => gate.enter());
    await expect(gate.enter()).rejects.toThrow(TooManyHeld);
    gate.open();
    expect(await Promise.all(waiting)).toHaveLength(1000);
  });
});
