import { describe, expect, it } from "vitest";

import { type Deploy, deploy, deploys, settled, startTestEmulator } from "./test-emulator.ts";

describe("the list of deploys", () => {
  it("shows the newest first, page by page, by status and time", async () => {
    const bed = startTestEmulator();
    for (let count = 0; count < 3; count += 1) {
      await deploy(bed);
      bed.clock.advance(60_000);
    }
    const [newest, middle, oldest] = await deploys(bed);
    const { body } = await bed.call<{ deploy: Deploy; cursor: string }[]>("GET", "/services/srv-1/deploys?limit=2");
    const cursor = body.at(-1)?.cursor ?? "";
    expect(body.map((item) => item.deploy.id)).toEqual([newest?.id, middle?.id]);
    expect(await deploys(bed, `?limit=2&cursor=${cursor}`)).toEqual([oldest]);
    expect(await deploys(bed, "?status=live")).toEqual([newest]);
    expect(await deploys(bed, "?createdAfter=2026-11-23T00:00:30Z&createdBefore=2026-11-23T00:01:30Z")).toEqual([
      middle,
    ]);
  });

  it("tells when a deploy started and finished", async () => {
    const bed = startTestEmulator();
    bed.launcher.holds = true;
    await deploy(bed);
    bed.clock.advance(30_000);
    bed.launcher.at(0).succeed();
    await settled();
    expect(await deploys(bed)).toMatchObject([
      { startedAt: "2026-11-23T00:00:00.000Z", finishedAt: "2026-11-23T00:00:30.000Z" },
    ]);
  });
});

describe("POST deploys", () => {
  it.each([
    ["deploy_only with a commit", { deployMode: "deploy_only", commitId: "abc" }],
    ["deploy_only with a cache choice", { deployMode: "deploy_only", clearCache: "clear" }],
    ["an unknown mode", { deployMode: "restart_only" }],
  ])("is refused for %s", async (_, body) => {
    const bed = startTestEmulator();
    expect((await bed.call("POST", "/services/srv-1/deploys", body)).status).toBe(400);
    expect(await deploys(bed)).toEqual([]);
  });
});
