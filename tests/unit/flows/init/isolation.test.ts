import { describe, expect, it } from "vitest";

import type { EnvironmentKind } from "../../../../src/core/names.ts";
import { isolationWarnings } from "../../../../src/flows/init/isolation.ts";
import type { Neighbour } from "../../../../src/policy/model.ts";
import { ACCOUNT, exampleAnswers, OTHER_ACCOUNT, RENDER_ENVIRONMENT, SERVICE } from "./example-answers.ts";

function neighbour(change: Partial<Neighbour> = {}): Neighbour {
  return {
    app: "brainbot",
    environment: "other",
    kind: "development",
    access: "rest",
    accountId: OTHER_ACCOUNT,
    services: [],
    renderEnvironmentId: undefined,
    ...change,
  };
}

describe("isolationWarnings", () => {
  it("has nothing to say where nothing is shared", () => {
    const other = neighbour({ services: ["srv-1"], renderEnvironmentId: "evm-1" });
    expect(isolationWarnings(exampleAnswers(), [other])).toEqual([]);
  });

  it("names every environment in the same account, and what that means", () => {
    const others = ["dev", "test"].map((environment) => neighbour({ environment, accountId: ACCOUNT }));
    expect(isolationWarnings(exampleAnswers(), others)).toEqual([
      "dev is in the same Cloudflare account: each one's token reaches the namespaces of the other.",
      "test is in the same Cloudflare account: each one's token reaches the namespaces of the other.",
    ]);
  });

  it.each<[EnvironmentKind, EnvironmentKind, boolean]>([
    ["production", "development", true],
    ["development", "production", true],
    ["preview", "production", true],
    ["production", "production", true],
    ["development", "development", false],
    ["preview", "development", false],
  ])("says of %s in the account of %s whether `up` refuses it: %s", (kind, otherKind, isRefused) => {
    const [warning = ""] = isolationWarnings(exampleAnswers({ kind }), [
      neighbour({ kind: otherKind, accountId: ACCOUNT }),
    ]);
    expect(warning.includes("`up` refuses that for production")).toBe(isRefused);
  });

  it("names a service of two environments", () => {
    expect(isolationWarnings(exampleAnswers(), [neighbour({ services: [SERVICE, "srv-1"] })])).toEqual([
      `${SERVICE} is a service of other too: it would have the variables of one of the two.`,
    ]);
  });

  it("says that `up` refuses a preview that touches production", () => {
    const preview = exampleAnswers({ kind: "preview", environmentId: RENDER_ENVIRONMENT });
    const live = neighbour({ kind: "production", services: [SERVICE], renderEnvironmentId: RENDER_ENVIRONMENT });
    const warnings = isolationWarnings(preview, [live]);
    expect(warnings).toHaveLength(2);
    expect(warnings.filter((line) => !line.endsWith("`up` refuses that for a preview."))).toEqual([]);
    const development = exampleAnswers({ environmentId: RENDER_ENVIRONMENT, services: ["srv-2"] });
    expect(isolationWarnings(development, [live])).toEqual([]);
  });

  it("says what two gateways in one account mean, which `up` refuses for a preview beside production only", () => {
    const warn = (kind: EnvironmentKind, otherKind: EnvironmentKind) =>
      isolationWarnings(exampleAnswers({ access: "gateway", kind }), [
        neighbour({ kind: otherKind, access: "gateway", accountId: ACCOUNT }),
      ]);
    const [warning = ""] = warn("development", "production");
    expect(warning).toContain("whoever may deploy a Worker there reaches the namespaces of both");
    expect(warning).not.toContain("`up` refuses");
    expect(warn("preview", "production")[0]).toContain("`up` refuses");
  });
});
