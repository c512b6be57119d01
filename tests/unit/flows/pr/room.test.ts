import { describe, expect, it } from "vitest";

import { requireRoom } from "../../../../src/flows/pr/room.ts";

const FACTS = {
  account: { namespaces: 998, workers: 499 },
  wanted: { namespaces: 2, workers: 1, services: 1 },
  previews: [],
};

function preview(pr: number, expires: string) {
  const facts = {
    pr,
    sha: "1f0c2a9",
    branch: `b${String(pr)}`,
    created: expires,
    expires,
    by: "ci",
    app: "shop",
    accountId: "a",
    access: "gateway" as const,
    ownerId: "tea",
    secretsProvider: "",
    namespaces: [],
    services: [],
    seed: "",
  };
  return { name: `pr-${String(pr)}`, facts };
}

describe("requireRoom", () => {
  it("lets the account become full", () => {
    expect(() => {
      requireRoom("pr-1", FACTS);
    }).not.toThrow();
  });

  it.each([
    [{ namespaces: 999, workers: 499 }, "KV namespaces: 999 of 1000 are taken, and the preview needs 2"],
    [{ namespaces: 998, workers: 500 }, "Workers: 500 of 500 are taken, and the preview needs 1"],
  ])("refuses what goes beyond a limit, with what is in the way: %o", (account, line) => {
    expect(() => {
      requireRoom("pr-1", { ...FACTS, account });
    }).toThrow(expect.objectContaining({ code: "PREVIEW_REFUSED", details: expect.arrayContaining([line]) }));
  });

  it("refuses one more preview than Render takes writes for, where all of them are brought up at once", () => {
    const previews = Array.from({ length: 50 }, (_, index) => {
      const { name, facts } = preview(index + 1, "2026-12-03T00:00:00Z");
      return { name, facts: { ...facts, services: ["srv"] } };
    });
    expect(() => {
      requireRoom("pr-50", { ...FACTS, previews: previews.slice(1) });
    }).not.toThrow();
    expect(() => {
      requireRoom("pr-51", { ...FACTS, previews });
    }).toThrow(
      expect.objectContaining({ details: expect.arrayContaining([expect.stringMatching(/^Render's .* 450 of 450/)]) }),
    );
  });

  it("says who could go, first the one that ends first", () => {
    const previews = [preview(1, "2026-12-03T00:00:00Z"), preview(2, "2026-12-01T00:00:00Z")];
    const details = ["pr-2 (b2), which ends at 2026-12-01T00:00:00Z", "pr-1 (b1), which ends at 2026-12-03T00:00:00Z"];
    expect(() => {
      requireRoom("pr-9", { ...FACTS, account: { namespaces: 1000, workers: 0 }, previews });
    }).toThrow(
      expect.objectContaining({
        details: expect.arrayContaining(details.map((line) => `could go: ${line}`)),
      }),
    );
  });
});
