import { describe, expect, it } from "vitest";

import { Secret } from "../../../../src/core/secret.ts";
import { changedVariables } from "../../../../src/flows/reconcile/variable-changes.ts";

const variables = (values: Record<string, string>) =>
  Object.entries(values).map(([key, value]) => ({ key, value: new Secret(value) }));

describe("changedVariables", () => {
  it("finds nothing where both hold the same, in any order", () => {
    expect(changedVariables(variables({ A: "1", B: "2" }), variables({ B: "2", A: "1" }))).toEqual([]);
  });

  it("names what is missing, has another value or was added, and no value", () => {
    const changes = changedVariables(
      variables({ GONE: "gone-".repeat(3), OTHER: "old-".repeat(3) }),
      variables({ OTHER: "new-".repeat(3), ADDED: "more-".repeat(3) }),
    );
    expect(changes).toEqual([
      { key: "ADDED", change: "added" },
      { key: "GONE", change: "missing" },
      { key: "OTHER", change: "another value" },
    ]);
  });
});
