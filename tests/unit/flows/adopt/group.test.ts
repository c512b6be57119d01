import { describe, expect, it } from "vitest";

import { AppError } from "../../../../src/core/app-error.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { type GroupAdoptionOptions, planGroupAdoption, refuseOwned } from "../../../../src/flows/adopt/group.ts";

const DEDICATED = {
  CLOUDFLARE_KV_PHASE: "dual",
  UPSTASH_REDIS_REST_URL: "https://example-12345.upstash.io",
  UPSTASH_REDIS_REST_TOKEN: "right-".repeat(3),
};

interface Given {
  readonly variables: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly services?: readonly string[];
}

function plan({ variables, files = [], services = [] }: Given, more: Partial<GroupAdoptionOptions> = {}) {
  return planGroupAdoption({
    group: {
      id: "evg-1",
      name: "shared",
      ownerId: "tea-1",
      createdAt: "2026-01-01T00:00:00Z",
      serviceLinks: services.map((id) => ({ id, name: `name of ${id}` })),
      envVars: Object.entries(variables).map(([key, value]) => ({ key, value: new Secret(value) })),
      secretFiles: files.map((name) => ({ name })),
    },
    dedicated: new Map(Object.entries(DEDICATED).map(([key, value]) => [key, new Secret(value)])),
    environment: "dev",
    served: ["srv-1"],
    blueprints: [],
    leftBlueprint: false,
    ...more,
  });
}

function refusal(...args: Parameters<typeof plan>): AppError {
  try {
    plan(...args);
  } catch (error) {
    if (error instanceof AppError && error.code === "ADOPTION_REFUSED") return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("planGroupAdoption", () => {
  it("moves what the environment's group gives, and leaves every other variable and file where it is", () => {
    const { UPSTASH_REDIS_REST_URL: url } = DEDICATED;
    const variables = { UPSTASH_REDIS_REST_URL: url, SENTRY_DSN: "https://sentry.example.com", CLOUDFLARE_ZONE: "z" };
    expect(plan({ variables, files: ["key.pem"], services: ["srv-1"] })).toEqual({
      move: ["UPSTASH_REDIS_REST_URL"],
      changed: [],
      stay: ["SENTRY_DSN", "CLOUDFLARE_ZONE", "key.pem"],
    });
  });

  it("says which variables get another value", () => {
    expect(plan({ variables: { CLOUDFLARE_KV_PHASE: "redis" } }).changed).toEqual(["CLOUDFLARE_KV_PHASE"]);
  });

  it("refuses a group of another database, and shows no value", () => {
    const error = refusal({ variables: { UPSTASH_REDIS_REST_TOKEN: "other-".repeat(3) } });
    expect(error.details).toEqual(["UPSTASH_REDIS_REST_TOKEN: the values differ"]);
    expect(JSON.stringify(error)).not.toMatch(/right-|other-/);
  });

  it("refuses while a service that the environment does not serve takes the variables from the group", () => {
    const { details } = refusal({ variables: { CLOUDFLARE_KV_PHASE: "dual" }, services: ["srv-1", "srv-2"] });
    expect(details).toEqual(["name of srv-2 (srv-2)", "they would lose: CLOUDFLARE_KV_PHASE"]);
  });

  it("asks nothing of a group that holds none of the variables", () => {
    const services = ["srv-2"];
    expect(plan({ variables: { SENTRY_DSN: "x" }, services })).toEqual({ move: [], changed: [], stay: ["SENTRY_DSN"] });
  });

  describe("where a Blueprint owns the group", () => {
    const blueprints = [
      {
        id: "exs-1",
        name: "shop",
        repo: "https://github.com/example/shop",
        path: "deploy/render.yaml",
        resources: [{ id: "evg-1", name: "shared", type: "environment_group" }],
      },
    ];
    const variables = { CLOUDFLARE_KV_PHASE: "dual", SENTRY_DSN: "x" };

    it("says which lines of which file must leave first, and which stay", () => {
      expect(refusal({ variables }, { blueprints }).details).toEqual([
        "in deploy/render.yaml of https://github.com/example/shop, under envVarGroups, name: shared:",
        "remove the variable CLOUDFLARE_KV_PHASE",
        "leave the others: SENTRY_DSN",
      ]);
    });

    it("asks for the whole group to leave where nothing else is in it", () => {
      const { details } = refusal({ variables: { CLOUDFLARE_KV_PHASE: "dual" } }, { blueprints });
      expect(details).toContain("remove the whole group: nothing else is in it");
    });

    it("goes on once a person says that they have left", () => {
      expect(plan({ variables }, { blueprints, leftBlueprint: true }).move).toEqual(["CLOUDFLARE_KV_PHASE"]);
    });
  });
});

describe("refuseOwned", () => {
  const evg = { id: "evg-1", name: "brainbot-prod-cloudflare-kv" };

  it("refuses a group of another environment, and says whose it is and why", () => {
    const owner = { who: "the environment prod", kind: "production", evidence: "its name says so" } as const;
    expect(() => {
      refuseOwned(evg, "dev", owner);
    }).toThrow(
      expect.objectContaining({
        code: "ADOPTION_REFUSED",
        problem: `The group ${evg.name} (evg-1) is not for dev to take up: it belongs to the environment prod.`,
        details: ["its name says so"],
      }),
    );
  });

  it("lets a group pass that people made", () => {
    expect(() => {
      refuseOwned(evg, "dev", undefined);
    }).not.toThrow();
  });
});
