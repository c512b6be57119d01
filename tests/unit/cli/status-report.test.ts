import { describe, expect, it } from "vitest";

import { renderReport } from "../../../src/cli/status-report.ts";
import { AppError } from "../../../src/core/app-error.ts";
import { judge } from "../../../src/flows/status/judge.ts";
import type { Observation } from "../../../src/flows/status/observe.ts";
import { BEFORE, deploy, NOW, observation, SERVICE } from "../flows/status/observation.ts";

const rendered = (changes: Partial<Observation> = {}) => renderReport(judge(observation(changes), NOW), NOW);

describe("renderReport", () => {
  it("shows one table for each part", () => {
    expect(rendered().split("\n\n")).toEqual([
      [
        "dev: development of brainbot, phase kv, access rest",
        "Cloudflare: 0d3ad0c0ffee4b1da0d3ad0c0ffee4b1, an account of its own in this project",
        "Last run: update, succeeded, started 2026-12-01 08:59 UTC",
      ].join("\n"),
      [
        "CREDENTIALS (* is handed out)",
        "ROLE         SLOT  STATE  EPOCH  ID                  AGE     EXPIRES  LAST USED  AT CLOUDFLARE",
        "application  a *   live   1      dev-application-a1  8 days  never    never      active",
        "application  b     empty  0      -                   -       -        -          -",
        "operator     a *   live   1      dev-operator-a1     8 days  never    never      active",
        "operator     b     empty  0      -                   -       -        -          -",
      ].join("\n"),
      [
        "NAMESPACES",
        "NAME   CLASS     TITLE               ID        EXISTS",
        "cache  eventual  brainbot-dev-cache  ns-cache  yes",
      ].join("\n"),
      [
        "ENVIRONMENT GROUP",
        "NAME                        ID                        EXISTS  VARIABLES",
        "brainbot-dev-cloudflare-kv  evg-d0000000000000000001  yes     2",
      ].join("\n"),
      [
        "LINKS",
        "SERVICE  ID                        CONFIGURED  LINKED",
        "web      srv-d0000000000000000001  yes         yes",
      ].join("\n"),
      [
        "SERVICES",
        "NAME  ID                        VARIABLES  LAST DEPLOY  AGE  TRIGGER",
        "web   srv-d0000000000000000001  current    live         2 h  api",
      ].join("\n"),
      "SHADOWED OR LEFT-BEHIND VARIABLES\nnone",
      "CHANGED AT THE VENDORS SINCE THE LAST RUN\nnone",
      "Nothing needs attention.",
    ]);
  });

  it("ends with what needs attention, and how to mend each", () => {
    const text = rendered({
      services: [{ id: SERVICE, name: "web", suspended: false, deploys: [deploy("live", BEFORE)] }],
    });
    expect(text).toContain("stale (deployed before the last change of its variables)");
    expect(text.split("\n\n").at(-1)).toBe(
      [
        "1 thing needs attention:",
        "! Running with old variables: web.",
        "  Fix: kvshift up --stack dev --deploy, or deploy each in Render's dashboard.",
      ].join("\n"),
    );
  });

  it("shows days left, an expired token and the last use", () => {
    const [application, operator] = observation().tokens;
    if (application === undefined || operator === undefined) throw new Error("no tokens");
    const text = rendered({
      tokens: [
        { ...application, expires_on: "2026-12-04T13:00:00Z", last_used_on: "2026-12-01T09:00:00Z" },
        { ...operator, expires_on: "2026-11-30T00:00:00Z" },
      ],
    });
    expect(text).toMatch(/application +a \* .* in 3 days +3 h ago +active/);
    expect(text).toMatch(/operator +a \* .* expired +never +expired/);
  });

  it("says who shares the account, and whose file could not be read", () => {
    const text = rendered({ sharing: { sharedWith: ["prod"], unknown: ["stage"] } });
    expect(text).toContain("shares its account with prod (not known: stage, whose file has problems)");
  });

  it("still shows everything where the engine could not look for drift", () => {
    const error = new AppError("ENGINE_FAILED", { problem: "It stopped.", fix: "Mend it." });
    const text = rendered({ group: undefined, drift: { looked: false, error } });
    expect(text).toContain("The engine could not look: It stopped.");
    expect(text).toContain("brainbot-dev-cloudflare-kv  evg-d0000000000000000001  no      0");
  });

  it("names drifted resources and variables, and what shadows them", () => {
    const { group } = observation();
    if (group === undefined) throw new Error("no group");
    const text = rendered({
      group: { ...group, changes: [{ key: "CLOUDFLARE_KV_PHASE", change: "missing" }] },
      drift: {
        looked: true,
        resources: [
          { type: "render:index/envGroup:EnvGroup", name: "cloudflare-kv", change: "changed", properties: ["envVars"] },
        ],
      },
      serviceVariables: [{ id: SERVICE, name: "web", keys: ["CLOUDFLARE_KV_PHASE"] }],
    });
    expect(text).toMatch(/environment group cloudflare-kv +changed +envVars/);
    expect(text).toMatch(/variable CLOUDFLARE_KV_PHASE +missing/);
    expect(text).toMatch(/service +web +web +wins +CLOUDFLARE_KV_PHASE/);
  });
});
