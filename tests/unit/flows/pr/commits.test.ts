import { describe, expect, it } from "vitest";

import { waiting } from "../../../../src/flows/environment/wait.ts";
import { commitProblems, requireCommit } from "../../../../src/flows/pr/commits.ts";
import { settled } from "../../local-cloud/render/test-emulator.ts";
import { emulateRender } from "../deploy/emulated-render.ts";

const OLD = "0a11ce0".repeat(5);
const NEW = "1f0c2a9".repeat(5);

/** Render with a service whose live deploy is of the commit OLD; `act` is called in each pause, with its number. */
async function emulate(act: (pause: number) => Promise<unknown> | void = () => undefined) {
  const bed = emulateRender();
  const push = async (commitId: string) => {
    await bed.call("POST", "/services/srv-1/deploys", { commitId });
    await settled();
  };
  await push(OLD);
  let pauses = 0;
  const sleep = async (milliseconds: number) => {
    pauses += 1;
    await act(pauses);
    bed.clock.advance(milliseconds);
    await settled();
  };
  const wait = waiting({ clock: bed.clock, signal: new AbortController().signal, scale: 1, sleep });
  const require = (sha: string) =>
    requireCommit(
      "pr-1",
      sha,
      async () => (await bed.judged()).slice(0, 1),
      wait,
      (event) => bed.events.push(event),
    );
  return { ...bed, push, require };
}

describe("requireCommit", () => {
  it("is content at once with a service that runs the commit, whole or shortened", async () => {
    const { require, events } = await emulate();
    expect(await require(OLD)).toMatchObject([{ id: "srv-1", commit: OLD }]);
    expect(await require(OLD.slice(0, 7))).toMatchObject([{ commit: OLD }]);
    expect(events).toEqual([]);
  });

  it("waits for the build of a push that Render begins later", async () => {
    const bed = await emulate(async (pause) => {
      if (pause === 3) await bed.push(NEW);
    });
    expect(await bed.require(NEW)).toMatchObject([{ commit: NEW }]);
    expect(bed.events.map(({ type }) => type)).toEqual(["step-started", "step-finished"]);
  });

  it("refuses a live deploy of another commit where no build comes, and says of which", async () => {
    const { require } = await emulate();
    await expect(require(NEW)).rejects.toMatchObject({
      code: "PREVIEW_NOT_READY",
      details: [expect.stringContaining(`api: the live deploy is of commit ${OLD}, the request is at ${NEW}.`)],
    });
  });

  it("says that the build of the commit failed, without waiting for another one", async () => {
    const bed = await emulate();
    bed.launcher.holds = true;
    await bed.push(NEW);
    bed.launcher.at(-1).fail();
    await settled();
    const before = bed.clock.now();
    await expect(bed.require(NEW)).rejects.toMatchObject({
      details: [expect.stringMatching(/the deploy of that commit \(dep-\w+\) is update_failed\./)],
    });
    expect(bed.clock.now()).toBe(before);
  });

  it("knows the commit of what is deployed without a build", async () => {
    const bed = await emulate();
    await bed.call("POST", "/services/srv-1/deploys", { deployMode: "deploy_only" });
    await settled();
    expect(await bed.require(OLD)).toMatchObject([{ commit: OLD, lastDeploy: { commit: { id: OLD } } }]);
  });
});

describe("commitProblems", () => {
  it("says nothing of a service of which Render tells no commit", () => {
    expect(commitProblems([{ id: "srv-1", name: "image" }], NEW)).toEqual([]);
  });
});
