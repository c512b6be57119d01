import { describe, expect, it } from "vitest";

import {
  findShadowing,
  type OtherGroup,
  shadowingProblems,
  type ShadowingOptions,
} from "../../../../src/flows/status/shadowing.ts";

const OURS = "2026-11-23T00:00:00Z";

function found(options: Partial<ShadowingOptions>) {
  return findShadowing({
    phase: "kv",
    keys: new Set(["CLOUDFLARE_KV_API_TOKEN", "CLOUDFLARE_KV_PHASE"]),
    createdAt: OURS,
    services: [],
    otherGroups: [],
    ...options,
  });
}

const service = (...keys: string[]) => ({ id: "srv-1", name: "web", keys });
const group = (createdAt: string, ...keys: string[]): OtherGroup => ({
  id: "evg-2",
  name: "shared",
  createdAt,
  keys,
  services: ["web"],
});

describe("findShadowing", () => {
  it("finds nothing where services and groups hold other variables", () => {
    expect(found({ services: [service("NODE_ENV")], otherGroups: [group(OURS, "SENTRY_DSN")] })).toEqual([]);
  });

  it("finds variables of the group that a service sets itself, whoever is newer", () => {
    const [shadowing] = found({ services: [service("NODE_ENV", "CLOUDFLARE_KV_PHASE", "CLOUDFLARE_KV_API_TOKEN")] });
    expect(shadowing).toEqual({
      source: "service",
      id: "srv-1",
      name: "web",
      services: ["web"],
      keys: ["CLOUDFLARE_KV_API_TOKEN", "CLOUDFLARE_KV_PHASE"],
      effect: "wins",
    });
  });

  it("tells a newer group, which wins today, from an older one", () => {
    const newer = group("2026-11-24T00:00:00Z", "CLOUDFLARE_KV_PHASE");
    const older = group("2026-11-22T00:00:00Z", "CLOUDFLARE_KV_PHASE");
    expect(found({ otherGroups: [newer, older] }).map(({ effect }) => effect)).toEqual(["may win", "may lose"]);
  });

  it("takes another group for winning where the environment's own is gone", () => {
    const older = group("2026-11-22T00:00:00Z", "CLOUDFLARE_KV_PHASE");
    expect(found({ otherGroups: [older], createdAt: undefined })[0]?.effect).toBe("may win");
  });

  it("finds what is left of Upstash in phase kv, and only there", () => {
    const left = {
      services: [service("UPSTASH_REDIS_REST_URL")],
      otherGroups: [group(OURS, "UPSTASH_REDIS_REST_TOKEN")],
    };
    expect(found(left).map(({ source, keys, effect }) => [source, keys[0], effect])).toEqual([
      ["service", "UPSTASH_REDIS_REST_URL", "left behind"],
      ["group", "UPSTASH_REDIS_REST_TOKEN", "left behind"],
    ]);
    expect(found({ ...left, phase: "dual" })).toEqual([]);
  });

  it("takes Upstash's variables for shadowed while the group gives them", () => {
    const keys = new Set(["UPSTASH_REDIS_REST_URL"]);
    const [shadowing] = found({ phase: "dual", keys, services: [service("UPSTASH_REDIS_REST_URL")] });
    expect(shadowing?.effect).toBe("wins");
  });
});

describe("shadowingProblems", () => {
  it.each(["CLOUDFLARE_KV_PHASE", "UPSTASH_REDIS_REST_URL"])(
    "advises to take nothing out of a group of another environment that holds %s",
    (key) => {
      const otherGroups = [{ ...group("2026-11-24T00:00:00Z", key), owner: "the environment prod" }];
      const [problem, ...more] = shadowingProblems("dev", found({ otherGroups }));
      expect(more).toEqual([]);
      expect(problem?.what).toContain("The group shared of the environment prod sets");
      expect(problem?.fix).toContain("Take web out of kvshift:render.services of Pulumi.dev.yaml");
      expect(problem?.fix).not.toMatch(/adopt|delete/i);
    },
  );

  it("says for each place what to do there", () => {
    const problems = shadowingProblems(
      "dev",
      found({
        services: [service("CLOUDFLARE_KV_PHASE", "UPSTASH_REDIS_REST_URL")],
        otherGroups: [group("2026-11-24T00:00:00Z", "CLOUDFLARE_KV_PHASE")],
      }),
    );
    expect(problems).toEqual([
      {
        what: "The service web itself sets CLOUDFLARE_KV_PHASE, which beats the environment's group.",
        fix: "Delete them from the Environment page of web in Render's dashboard, and deploy it.",
      },
      {
        what: "The service web itself sets UPSTASH_REDIS_REST_URL, which phase kv no longer needs.",
        fix: "When no code reads them any more, delete them from the Environment page of web and deploy.",
      },
      {
        what: "The group shared sets CLOUDFLARE_KV_PHASE, and is newer than the environment's group: it wins today, which Render does not guarantee.",
        fix: "kvshift adopt --stack dev --group evg-2 takes them out of it; then deploy.",
      },
    ]);
  });
});
