import { describe, expect, it } from "vitest";

import { factsIn, fileOf, type PreviewFacts, requireFacts, tagsOf } from "../../../../src/flows/pr/facts.ts";

const FACTS: PreviewFacts = {
  pr: 42,
  sha: "1f0c2a9",
  branch: "feature/cart, the new one",
  created: "2026-11-30T00:00:00.000Z",
  expires: "2026-12-07T00:00:00.000Z",
  by: "ci",
  app: "shop",
  accountId: "a".repeat(32),
  access: "gateway",
  ownerId: "tea-1",
  secretsProvider: "",
  namespaces: ["cache", "sessions"],
  services: ["srv-1"],
  seed: "",
};

describe("the facts of a preview", () => {
  it("come back from the tags of its stack as they were, beside tags of others", () => {
    expect(factsIn({ ...tagsOf(FACTS), "pulumi:project": "x" })).toEqual(FACTS);
  });

  it("go on in further tags where they are longer than Pulumi takes, and forget those when they become shorter", () => {
    const long = {
      ...FACTS,
      branch: "é".repeat(200),
      services: Array.from({ length: 40 }, (_, n) => `srv-${String(n)}`),
    };
    const tags = tagsOf(long);
    expect(Math.max(...Object.values(tags).map((value) => Buffer.byteLength(value)))).toBeLessThanOrEqual(256);
    expect(factsIn(tags)).toEqual(long);
    expect(factsIn({ ...tags, ...tagsOf(FACTS, tags) })).toEqual(FACTS);
  });

  it("are not guessed where one is missing", () => {
    for (const key of Object.keys(tagsOf(FACTS))) {
      const { [key]: _gone, ...rest } = tagsOf(FACTS);
      expect(factsIn(rest)).toBeUndefined();
      expect(() => requireFacts("pr-42", rest)).toThrow("does not say of itself");
    }
  });

  it("describe the preview well enough to remove it, and hold no credential", () => {
    const { config, isOwn } = fileOf(FACTS);
    expect(isOwn).toBe(false);
    expect(config).toMatchObject({ kind: "preview", app: "shop", render: { services: ["srv-1"] } });
    expect(Object.keys(config.namespaces)).toEqual(["cache", "sessions"]);
    expect(config.credentials.application.slots.a).toEqual({ epoch: 0, state: "empty" });
  });
});
