import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { AuditRecord } from "../../src/audit/record.ts";
import { type Role, ROLES } from "../../src/core/names.ts";
import { createLocalStage, type LocalStage } from "./local-stage.ts";
import { startTraffic, type Traffic } from "./traffic.ts";
import { mintedTokens } from "./vendor-view.ts";

export interface RotationSuite {
  readonly environment: "dev" | "prod";
  readonly access: "gateway" | "rest";
  /** At each of its steps. */
  readonly isKilled: boolean;
}

/** All requests of a local cloud come from one address, which in production both roles have to be allowed. */
const ONE_ADDRESS = ["- 203.0.113.20/32", "- 203.0.113.10/32"] as const;

/** A whole rotation of both roles on the local cloud, under constant traffic. */
export function describeRotation({ environment, access, isKilled }: RotationSuite): void {
  const file = `Pulumi.${environment}.yaml`;
  describe(`a rotation of ${environment} under traffic, access ${access}`, () => {
    let stage: LocalStage;
    let traffic: Traffic;
    /** The file before the rotation. */
    let before: string;

    const fileOf = () => readFile(join(stage.project, file), "utf8");
    const shown = async (...args: string[]) =>
      (await stage.kvshiftJson("audit", "show", "--stack", environment, ...args))["records"] as AuditRecord[];

    beforeAll(async () => {
      // The engine stamps its state by the machine's clock, which deploys are compared with.
      stage = await createLocalStage({}, { clock: "system", access, timeScale: 600 });
      if (environment === "prod") await stage.edit(environment, ONE_ADDRESS);
      before = await fileOf();
      await stage.kvshiftJson("up", "--stack", environment, "--yes", "--deploy");
      const own = environment === "dev" ? "srv-d" : "srv-p";
      const urls = stage.cloud.services.flatMap(({ id }) => (id.startsWith(own) ? (stage.cloud.urlOf(id) ?? []) : []));
      // Cloudflare's own API takes four requests a second.
      traffic = startTraffic(urls, access === "rest" ? 400 : undefined);
    });

    afterAll(async () => {
      await traffic.stop();
      await stage[Symbol.asyncDispose]();
    });

    it("is planned without changing anything", async () => {
      const plan = await stage.kvshiftJson("rotate", "plan", "--stack", environment);
      expect((plan["steps"] as { step: string }[]).map(({ step }) => step).join(" ")).toBe(
        "check mint prove distribute deploy observe suspend watch revoke prove-revoked close",
      );
      expect(await fileOf()).toBe(before);
    });

    it(`replaces the credentials of both roles without one failed request${isKilled ? ", killed at each step" : ""}`, async () => {
      const killedAt: string[] = [];
      const runOnce = async (): Promise<number> => {
        let heard = "";
        const finished = await stage.kvshiftProcess(["rotate", "apply", "--stack", environment, "--yes"], (child) => {
          if (!isKilled) return;
          child.stderr?.on("data", (chunk: Buffer) => {
            heard += String(chunk);
            // Each boundary once: a step that begins or has ended for the first time of all runs.
            const lines = (heard.match(/^[›✓] [A-Z][a-z' ]+/gm) ?? []).map((line) => line.trim());
            const boundary = lines.find((line) => !killedAt.includes(line) && line !== "✓ Close the rotation");
            if (boundary === undefined) return;
            killedAt.push(boundary);
            child.kill("SIGKILL");
          });
        });
        return finished.code ?? 137;
      };
      let code = await runOnce();
      for (let runs = 0; code !== 0 && runs < 40; runs += 1) {
        code = await runOnce();
        // Never a third secret of a role at the vendor.
        const tokens = await mintedTokens(stage.cloud, stage.cloud.accounts[0]?.id ?? "");
        for (const role of ROLES) expect(tokens.filter((name) => name.includes(`-${role}-`)).length).toBeLessThan(3);
      }
      expect(code).toBe(0);
      expect(killedAt.length).toBeGreaterThanOrEqual(isKilled ? 15 : 0);
      expect(await recordedCredentials()).toEqual({
        application: [`${environment}-application-b1`],
        operator: [`${environment}-operator-b1`],
      });
      expect(traffic.failures).toEqual([]);
      expect(traffic.answered).toBeGreaterThan(access === "rest" ? 50 : 200);
    });

    it("leaves a whole log with the evidence by which each credential ended, and a file in which only that changed", async () => {
      expect(await stage.kvshiftJson("audit", "verify", "--stack", environment)).toMatchObject({
        comparedWithStack: true,
      });
      const records = await shown("--flow", "rotate");
      const steps = records.filter(({ outcome }) => outcome === "done").map(({ step }) => step);
      expect([...new Set(steps)]).toEqual(
        expect.arrayContaining([
          "mint",
          "prove",
          "distribute",
          "deploy",
          "suspend",
          "revoke",
          "prove-revoked",
          "close",
        ]),
      );
      expect(records.find(({ step }) => step === "observe")?.details).toMatchObject({
        evidence: { source: expect.stringContaining(access === "gateway" ? "ledger" : "last_used_on") },
      });
      const kept = (text: string) => text.split("\n").filter((line) => !/^ +(?:active|a|b):/.test(line));
      expect(kept(await fileOf())).toEqual(kept(before));
    });

    it("finds the environment as it should be afterwards, and begins the next one from there", async () => {
      expect(await stage.kvshiftJson("status", "--stack", environment)).toMatchObject({ problems: [] });
      expect(await stage.kvshiftJson("up", "--stack", environment, "--yes")).toMatchObject({ changed: false });
      const { stages } = await stage.kvshiftJson("rotate", "status", "--stack", environment);
      expect(stages).toMatchObject([
        { stage: "idle", oldId: `${environment}-application-b1`, nextId: `${environment}-application-a2` },
        { stage: "idle", oldId: `${environment}-operator-b1`, nextId: `${environment}-operator-a2` },
      ]);
      expect(traffic.failures).toEqual([]);
    });

    /** Ids of the credentials that exist, by role. */
    async function recordedCredentials() {
      const { credentials } = (await stage.kvshiftJson("status", "--stack", environment)) as {
        credentials: { role: Role; state: string; id?: string }[];
      };
      const of = (role: Role) =>
        credentials.filter((one) => one.role === role && one.state !== "empty").flatMap(({ id }) => id ?? []);
      return { application: of("application"), operator: of("operator") };
    }
  });
}
