import { expect, it } from "vitest";

import { createLocalStage } from "../support/local-stage.ts";

// `kvshift up | head`, a terminal that is closed: the first write to the pipe fails. The engine's library answered each
// failure with a message on the same pipe, for ever, with the lock of the stack held and memory growing.

it("a run whose readers have gone does its work to the end, and ends", async () => {
  await using stage = await createLocalStage();
  const { code } = await stage.kvshiftProcess(["up", "--stack", "dev", "--yes"], (child) => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
  expect(code).toBe(0);
  expect(await stage.kvshiftJson("up", "--stack", "dev", "--yes")).toMatchObject({ changed: false });
});
