import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { environmentGroup, mintedTokens } from "../support/vendor-view.ts";

const ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
const LIVE_A = 'a: { epoch: 1, state: live, mintedAt: "2026-11-23T00:00:00Z", expiresAt: never }';
const EMPTY_B = "b: { epoch: 0, state: empty }";
const LIVE_B = 'b: { epoch: 1, state: live, mintedAt: "2026-12-01T00:00:00Z", expiresAt: never }';
const DRAINING_A = LIVE_A.replace("live", "draining");
const EMPTY_A = "a: { epoch: 1, state: empty }";

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage();
  await stage.kvshiftJson("up", "--stack", "dev", "--yes");
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

/** Mints and revocations since the last call, from what the emulator was asked. */
function tokenCalls(): { minted: number; revoked: number } {
  const calls = stage.cloud.cloudflare.requestLog.drain();
  const tokens = calls.filter(({ path }) => /\/accounts\/\w+\/tokens(\/\w+)?$/.test(path));
  return {
    minted: tokens.filter(({ method }) => method === "POST").length,
    revoked: tokens.filter(({ method }) => method === "DELETE").length,
  };
}

async function heldSecret(): Promise<string | undefined> {
  const { envVars } = await environmentGroup(stage.cloud, "dev");
  return envVars.find(({ key }) => key === "CLOUDFLARE_KV_API_TOKEN")?.value;
}

const up = () => stage.kvshiftJson("up", "--stack", "dev", "--yes");

describe("a rotation by hand", () => {
  it("is refused before anything is minted when it is done in one step", async () => {
    tokenCalls();
    await stage.edit("dev", [LIVE_A, EMPTY_A], [EMPTY_B, LIVE_B], ["active: a", "active: b"]);
    const finished = await stage.kvshift("up", "--stack", "dev", "--yes");
    expect({ code: finished.code, calls: tokenCalls() }).toEqual({ code: 3, calls: { minted: 0, revoked: 0 } });
    expect(finished.stderr).toContain("ROTATION_REFUSED");
    await stage.edit("dev", [EMPTY_A, LIVE_A], [LIVE_B, EMPTY_B], ["active: b", "active: a"]);
  });

  it("is refused when the new slot is minted while the old one starts to drain", async () => {
    await stage.edit("dev", [LIVE_A, DRAINING_A], [EMPTY_B, LIVE_B], ["active: a", "active: b"]);
    const finished = await stage.kvshift("up", "--stack", "dev", "--yes");
    expect({ code: finished.code, calls: tokenCalls() }).toEqual({ code: 3, calls: { minted: 0, revoked: 0 } });
    await stage.edit("dev", [DRAINING_A, LIVE_A], [LIVE_B, EMPTY_B], ["active: b", "active: a"]);
  });

  it("mints exactly one credential with the next epoch, which no service holds yet", async () => {
    const before = await heldSecret();
    await stage.edit("dev", [EMPTY_B, LIVE_B], ["active: a", "active: a\n      rotation: by-hand"]);
    await up();
    expect(tokenCalls()).toEqual({ minted: 1, revoked: 0 });
    expect(await heldSecret()).toBe(before);
    expect(await mintedTokens(stage.cloud, ACCOUNT)).toContain("brainbot-dev-application-b1");
  });

  it("hands the new secret to the group when the slot becomes active", async () => {
    const before = await heldSecret();
    await stage.edit("dev", ["active: a\n      rotation", "active: b\n      rotation"]);
    await up();
    expect(tokenCalls()).toEqual({ minted: 0, revoked: 0 });
    expect(await heldSecret()).not.toBe(before);
  });

  it("keeps the old credential valid while it drains", async () => {
    await stage.edit("dev", [LIVE_A, DRAINING_A]);
    await up();
    expect(tokenCalls()).toEqual({ minted: 0, revoked: 0 });
    expect(await mintedTokens(stage.cloud, ACCOUNT)).toContain("brainbot-dev-application-a1");
  });

  it("revokes exactly one credential at the end", async () => {
    await stage.edit("dev", [DRAINING_A, EMPTY_A], ["\n      rotation: by-hand", ""]);
    await up();
    expect(tokenCalls()).toEqual({ minted: 0, revoked: 1 });
    expect(await mintedTokens(stage.cloud, ACCOUNT)).toEqual(
      expect.arrayContaining(["brainbot-dev-application-b1", "brainbot-dev-operator-a1"]),
    );
    expect(await mintedTokens(stage.cloud, ACCOUNT)).toHaveLength(2);
  });

  it("refuses a checkout that does not know of it", async () => {
    await stage.edit(
      "dev",
      [EMPTY_A, LIVE_A.replace("epoch: 1", "epoch: 2")],
      [LIVE_B, EMPTY_B],
      ["active: b", "active: a"],
    );
    const finished = await stage.kvshift("up", "--stack", "dev", "--yes");
    expect({ code: finished.code, calls: tokenCalls() }).toEqual({ code: 3, calls: { minted: 0, revoked: 0 } });
    expect(finished.stderr).toContain("CONFIG_BEHIND");
  });
});
