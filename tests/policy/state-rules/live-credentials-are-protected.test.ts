import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/state-rules/live-credentials-are-protected.ts";
import { CONFIG, recorded, stateChanging, stateWith, urnOf } from "../recorded-state.ts";

describe("live-credentials-are-protected", () => {
  it("holds where every live credential is protected", () => {
    expect(rule.check(stateWith())).toEqual([]);
  });

  it("reports a live credential that is not protected", () => {
    expect(rule.check(stateChanging("accountToken", "operator-a1", { protect: false }))).toEqual([
      { message: "The live credential operator-a1 is not protected.", urn: urnOf("accountToken", "operator-a1") },
    ]);
  });

  it("reports a live credential that is gone, or of which only a leftover exists", () => {
    const message = "The live credential application-a1 is not in the state.";
    const without = stateWith().resources.filter(({ name }) => name !== "application-a1");
    expect(rule.check({ ...stateWith(), resources: without })).toEqual([{ message }]);
    expect(rule.check(stateChanging("accountToken", "application-a1", { isCurrent: false }))).toEqual([{ message }]);
  });

  it.each(["draining", "empty"] as const)("asks no protection of a slot that is %s", (state) => {
    const operator = { active: "a", slots: { ...CONFIG.credentials.operator.slots, a: { epoch: 1, state } } } as const;
    const config = { ...CONFIG, credentials: { ...CONFIG.credentials, operator } };
    expect(rule.check({ ...stateChanging("accountToken", "operator-a1", { protect: false }), config })).toEqual([]);
  });

  it("follows the epoch and finds the secrets of a gateway", () => {
    const slots = { a: { epoch: 7, state: "live" }, b: { epoch: 0, state: "empty" } } as const;
    const config = { ...CONFIG, credentials: { ...CONFIG.credentials, operator: { active: "a", slots } as const } };
    const password = recorded("randomPassword", "operator-a7", { protect: true });
    expect(rule.check({ ...stateWith(password), config })).toEqual([]);
    expect(rule.check({ ...stateWith(), config })).toHaveLength(1);
  });
});
