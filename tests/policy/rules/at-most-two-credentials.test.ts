import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/rules/at-most-two-credentials.ts";
import { added, resource, token, wellFormedStack } from "../well-formed-stack.ts";

const password = (name: string) => resource("randomPassword", name, {});

describe("at-most-two-credentials", () => {
  it("holds for two credentials of each role", () => {
    expect(rule.check(added(wellFormedStack(), token("application-b1"), token("operator-a3")))).toEqual([]);
  });

  it("reports a role with three tokens", () => {
    expect(rule.check(added(wellFormedStack(), token("application-b1"), token("application-a2")))).toEqual([
      { message: "Role application has 3 credentials." },
    ]);
  });

  it("counts each role by itself", () => {
    const more = ["operator-a1", "operator-a2", "operator-b1"].map(token);
    expect(rule.check(added(wellFormedStack(), ...more))).toEqual([{ message: "Role operator has 4 credentials." }]);
  });

  it("reports a role with three secrets of the gateway", () => {
    const more = ["application-a1", "application-b1", "application-a2"].map(password);
    expect(rule.check(added(wellFormedStack(), ...more))).toEqual([{ message: "Role application has 3 credentials." }]);
  });
});
