import { afterEach, describe, expect, it, vi } from "vitest";

import type { CallFault } from "../../local-cloud/http/faults.ts";
import { createLocalStage, type LocalStage, type StageOptions } from "../support/local-stage.ts";
import { startTraffic, type Traffic } from "../support/traffic.ts";
import { environmentGroup, mintedTokens } from "../support/vendor-view.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const SERVICE = "srv-d0000000000000000001";
const MAX_RUNS = 15;

let stage: LocalStage;
let traffic: Traffic;

async function begin(options: StageOptions): Promise<void> {
  stage = await createLocalStage({}, { clock: "system", timeScale: 600, ...options });
  await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--deploy");
  traffic = startTraffic([stage.cloud.urlOf(SERVICE) ?? ""], 400);
}

/** Each call that changes something meets the fault once, at either vendor. Returns the calls. */
function faultEachOnce(fault: CallFault): Set<string> {
  const met = new Set<string>();
  const isFirst = (call: { readonly method: string; readonly path: string }) => {
    // What an application reads and writes is not the rotation's.
    if (call.method === "GET" || /\/(?:values\/|bulk\/get)/.test(call.path)) return false;
    const name = `${call.method} ${call.path.replaceAll(/[0-9a-f]{32}|(?:dep|evg)-[a-z0-9]+/g, "…")}`;
    if (met.has(name)) return false;
    met.add(name);
    return true;
  };
  const rule = { method: "*", path: isFirst, times: Infinity, fault };
  stage.cloud.cloudflare.faults.add(rule);
  stage.cloud.render.faults.add(rule);
  return met;
}

const apply = () => stage.kvshift("rotate", "apply", "--stack", "dev", "--yes");

async function applyUntilDone(): Promise<number> {
  for (let runs = 1; runs <= MAX_RUNS; runs += 1) {
    const { code } = await apply();
    if (code === 0) return runs;
    // A vendor failed, a gate was not met, or only a part was done: never a bug, never a usage error.
    expect([3, 4, 5]).toContain(code);
    expect((await mintedTokens(stage.cloud, stage.cloud.accounts[0]?.id ?? "")).length).toBeLessThan(5);
  }
  throw new Error("the rotation does not converge");
}

describe("a rotation of both roles", () => {
  afterEach(async () => {
    await traffic.stop();
    await stage[Symbol.asyncDispose]();
  });

  it("converges where each call that changes something is answered 429 once and loses its answer once, and fails no request", async () => {
    await begin({});
    faultEachOnce({ kind: "answer", status: 429, headers: { "retry-after": "0" } });
    const met = faultEachOnce({ kind: "lose-answer" });
    await applyUntilDone();
    expect([...met].filter((call) => call.startsWith("POST")).length).toBeGreaterThan(1);
    const { envVars } = await environmentGroup(stage.cloud, "dev");
    const held = envVars.find(({ key }) => key === "CLOUDFLARE_KV_CREDENTIAL_ID")?.value;
    expect(held).toBe("dev-application-b1");
    const tokens = await mintedTokens(stage.cloud, stage.cloud.accounts[0]?.id ?? "");
    expect(tokens.toSorted()).toEqual(["brainbot-dev-application-b1", "brainbot-dev-operator-b1"]);
    expect(traffic.failures).toEqual([]);
    expect(await stage.kvshiftJson("audit", "verify", "--stack", "dev")).toMatchObject({ comparedWithStack: true });
  });

  it.each([10, -10])("revokes nothing in use where the vendors' clock is %i minutes off", async (minutes) => {
    await begin({ access: "gateway", vendorsAheadMs: () => minutes * 60_000 });
    const { code, stderr } = await apply();
    // Deploys cannot be told from the change by their times: either it is seen at the services, or it stops.
    expect([0, 3]).toContain(code);
    if (code === 3) expect(stderr).toContain("[ROTATION_BLOCKED]");
    expect(traffic.failures).toEqual([]);
    expect(traffic.answered).toBeGreaterThan(5);
  });
});
