import { describe, expect, it } from "vitest";

import { datesOf, formProblems } from "../../../../src/flows/init/configuration.ts";
import { ACCOUNT, exampleAnswers, NOW, productionAnswers, SERVICE } from "./example-answers.ts";

describe("the dates of the first credentials", () => {
  it("are those of the clock, to the second", () => {
    expect(datesOf(exampleAnswers({ expiresInDays: 1 }), NOW)).toEqual({
      mintedAt: "2026-12-01T12:34:56Z",
      expiresAt: "2026-12-02T12:34:56Z",
    });
  });

  it("have no end where none was wanted", () => {
    expect(datesOf(exampleAnswers(), NOW).expiresAt).toBe("never");
  });
});

describe("answers", () => {
  it("of every kind make a configuration", () => {
    expect(formProblems(exampleAnswers(), NOW)).toEqual([]);
    expect(formProblems(productionAnswers(), NOW)).toEqual([]);
    expect(formProblems(exampleAnswers({ environment: "pr-1", kind: "preview" }), NOW)).toEqual([]);
  });

  it("with the address of Redis want no token yet", () => {
    expect(formProblems(exampleAnswers({ phase: "dual", upstashUrl: "https://example.upstash.io" }), NOW)).toEqual([]);
  });

  it.each([
    ["--stack", { environment: "Staging" }],
    ["--kind", { environment: "pr-1" }],
    ["--app", { app: "x".repeat(200) }],
    ["--workers-subdomain", { access: "gateway" as const }],
    ["--workers-subdomain", { access: "gateway" as const, workersSubdomain: "no label" }],
    ["--hostname", { access: "gateway" as const, hostname: { name: "nodots", zoneId: ACCOUNT } }],
    ["--zone", { access: "gateway" as const, hostname: { name: "kv.example.com", zoneId: "short" } }],
    ["--namespace", { namespaces: [{ name: "locks", consistency: "strong" as const, defaultTtlSeconds: 60 }] }],
    ["--account", { accountId: "short" }],
    ["--workspace", { ownerId: "usr-1" }],
    ["--service", { services: [SERVICE, SERVICE] }],
    ["--render-environment", { environmentId: "evm-1" }],
    ["--namespace", { namespaces: [] }],
    ["--upstash-url", { phase: "redis" as const }],
    ["--allowed-ip", { allowedIps: ["10.0.0.0/8", "10.0.0.0/8"] }],
    ["--operator-ip", { operatorIps: ["everywhere"] }],
  ])("that are no configuration are laid to %s", (flag, change) => {
    const problems = formProblems(exampleAnswers(change), NOW);
    expect(problems).not.toEqual([]);
    expect(problems.filter((line) => !line.startsWith(`${flag}: found `))).toEqual([]);
  });

  it("of production need dates and addresses that are not all", () => {
    const problems = formProblems(
      productionAnswers({ allowedIps: ["0.0.0.0/0"], operatorIps: [], expiresInDays: "never" }),
      NOW,
    );
    expect(problems.map((line) => line.split(":")[0])).toEqual(["--expires-in", "--allowed-ip", "--operator-ip"]);
  });

  it("have each problem named once", () => {
    const problems = formProblems(productionAnswers({ expiresInDays: "never" }), NOW);
    expect(problems).toEqual([
      '--expires-in: found "never" in production, expected a date in UTC: tokens of production end',
    ]);
  });
});
