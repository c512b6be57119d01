import { expect, it } from "vitest";

import { slotSteps, stepLine } from "../../../../src/flows/environment/slot-steps.ts";
import { recorded, wanted } from "./rotation-model.ts";

it("names slots that go into another state, and no other", () => {
  const was = recorded({ application: { a: "live 1", b: "live 1" }, operator: { a: "live 1", b: "empty 0" } });
  const now = wanted({
    application: { a: "draining 1", b: "live 1", active: "b" },
    operator: { a: "live 1", b: "live 1" },
  });
  expect(slotSteps(was, now).map(stepLine)).toEqual([
    "application slot a: live → draining",
    "operator slot b: empty → live",
  ]);
  expect(slotSteps(was, wanted({ application: { a: "live 1", b: "live 1" } }))).toEqual([]);
});

it("says nothing of a slot that was never provisioned", () => {
  const was = recorded({});
  const never = { ...was, slots: { ...was.slots, application: { a: undefined, b: undefined } } };
  expect(slotSteps(never, wanted({}))).toEqual([]);
});
