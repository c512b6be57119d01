import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it, vi } from "vitest";

import { isSoak } from "../support/campaign.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { drainWrites, previewObjects } from "../support/vendor-view.ts";

vi.setConfig({ testTimeout: isSoak ? 3_600_000 : 300_000, hookTimeout: 300_000 });

const PARENT = "srv-d0000000000000000001";
let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage({}, { clock: "system", access: "gateway", timeScale: 600 });
  await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--deploy");
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Runs a command and kills it when its change number `point` (from 0) is done and not answered. */
async function killAt(point: number, args: readonly string[]): Promise<boolean> {
  let child: ChildProcess | undefined;
  let [seen, killed] = [0, false];
  const { cloudflare, render } = stage.cloud;
  const isTheOne = ({ method }: { readonly method: string }): boolean => {
    if (method === "GET") return false;
    seen += 1;
    return seen === point + 1;
  };
  const after = (): Promise<"lose-answer"> => {
    killed = true;
    child?.kill("SIGKILL");
    return Promise.resolve("lose-answer");
  };
  for (const { faults } of [cloudflare, render]) {
    faults.add({ method: "*", path: isTheOne, fault: { kind: "intercept", after } });
  }
  await stage.kvshiftProcess(args, (spawned) => {
    child = spawned;
  });
  for (const { faults } of [cloudflare, render]) faults.clear();
  return killed;
}

const up = (pr: number, branch: string) =>
  ["pr", "up", "--pr", String(pr), "--sha", "1f0c2a9", "--branch", branch, "--yes"] as const;

it("leaves nothing after a runner that died at whichever change, and a sweep", async () => {
  const id = "srv-d0000000000000000098";
  const open = { id, parentId: PARENT, branch: "cart", pullRequest: 98 };
  await stage.cloud.render.openPreview(open);
  drainWrites(stage.cloud);
  await stage.kvshiftJson(...up(98, "cart"));
  const changes = drainWrites(stage.cloud).length;
  expect(changes).toBeGreaterThan(6);
  await stage.cloud.render.closePreview(id);
  await stage.kvshiftJson("pr", "sweep", "--open", "none", "--yes");
  const all = Array.from({ length: changes }, (_, index) => index);
  for (const point of isSoak ? all : [1, Math.floor(changes / 2), changes - 1]) {
    await stage.cloud.render.openPreview(open);
    expect({ point, killed: await killAt(point, up(98, "cart")) }).toEqual({ point, killed: true });
    await stage.cloud.render.closePreview(id);
    await stage.kvshiftJson("pr", "sweep", "--open", "none", "--yes");
    expect({ point, left: await previewObjects(stage.cloud) }).toEqual({ point, left: [] });
    expect(await stage.kvshiftJson("pr", "list")).toMatchObject({ previews: [] });
  }
});

it("goes on where a runner died, in the taking down too", async () => {
  const id = "srv-d0000000000000000099";
  await stage.cloud.render.openPreview({ id, parentId: PARENT, branch: "login", pullRequest: 99 });
  expect(await killAt(4, up(99, "login"))).toBe(true);
  await stage.kvshiftJson(...up(99, "login"));
  const log = await readFile(join(stage.folder, "state", "audit", "pr-99.ndjson"), "utf8");
  expect(log).toMatch(/"step":"break-locks",.*"why":"its process has ended"/);
  expect(stage.cloud.render.effectiveEnv(id)["CLOUDFLARE_KV_CREDENTIAL_ID"]).toBe("pr-99-application-a1");
  expect(await killAt(2, ["pr", "down", "--pr", "99", "--yes"])).toBe(true);
  await stage.kvshiftJson("pr", "down", "--pr", "99", "--yes");
  expect(await previewObjects(stage.cloud)).toEqual([]);
});
