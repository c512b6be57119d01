import { describe, expect, it } from "vitest";

import { AppError } from "../../../../src/core/app-error.ts";
import type { Phase } from "../../../../src/core/names.ts";
import { guardTransition } from "../../../../src/flows/environment/guards.ts";
import { FIRST, recorded, type RoleText, type SlotText, wanted } from "./rotation-model.ts";

/** Code and lines of the refusal, or `accepted`. */
function verdict(...[was, config]: Parameters<typeof guardTransition>) {
  try {
    guardTransition(was, config);
    return "accepted";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, details: error.details };
  }
}

const slotA = (a: SlotText): RoleText => ({ a, b: "live 9", active: "b" });

function stepOfSlotA(was: SlotText, next: SlotText) {
  return verdict(recorded({ application: slotA(was) }), wanted({ application: slotA(next) }));
}

describe("guardTransition", () => {
  it("accepts anything where nothing was provisioned", () => {
    const nothing = { a: undefined, b: undefined };
    const slots = { application: nothing, operator: nothing };
    const never = { phase: undefined, access: [], namespaces: {}, slots, unreadable: [] };
    expect(verdict(never, wanted({ application: { a: "live 7", b: "draining 3" } }, "redis"))).toBe("accepted");
  });

  it("accepts nothing where what was provisioned cannot be read, and says what", () => {
    const unknown = { ...recorded(), unreadable: ["output environment.phase"] };
    expect(verdict(unknown, wanted())).toEqual({
      code: "STATE_UNREADABLE",
      details: ["not readable: output environment.phase"],
    });
  });

  it.each([
    ["live 1", "live 1"],
    ["live 1", "draining 1"],
    ["draining 1", "draining 1"],
    ["draining 1", "empty 1"],
    ["draining 1", "live 1"],
    ["draining 1", "suspended 1"],
    ["suspended 1", "suspended 1"],
    ["suspended 1", "draining 1"],
    ["suspended 1", "empty 1"],
    ["empty 1", "empty 1"],
    ["empty 1", "live 2"],
  ] as const)("accepts a slot that goes from %s to %s", (was, next) => {
    expect(stepOfSlotA(was, next)).toBe("accepted");
  });

  it.each([
    ["live 1", "empty 1", "live: it must be draining for one `up` before it ends"],
    ["live 1", "suspended 1", "live: it must be draining for one `up` before it ends"],
    ["suspended 1", "live 1", "suspended: it goes back to draining first"],
    ["suspended 1", "live 2", "suspended with epoch 1: it must drain and become empty before a new epoch"],
    ["empty 1", "suspended 2", "an empty slot has nothing that could be suspended"],
    ["live 1", "live 2", "live with epoch 1: it must drain and become empty before a new epoch"],
    ["live 1", "draining 2", "live with epoch 1: it must drain and become empty before a new epoch"],
    ["live 1", "empty 2", "live with epoch 1: it must drain and become empty before a new epoch"],
    ["draining 1", "live 2", "draining with epoch 1: it must drain and become empty before a new epoch"],
    ["empty 1", "live 1", "a filled slot takes the next epoch, 2"],
    ["empty 1", "live 3", "a filled slot takes the next epoch, 2"],
    ["empty 1", "draining 2", "an empty slot has nothing that could be draining"],
    ["empty 1", "empty 2", "an empty slot keeps its epoch 1"],
  ] as const)("refuses a slot that goes from %s to %s", (was, next, reason) => {
    expect(stepOfSlotA(was, next)).toEqual({
      code: "ROTATION_REFUSED",
      details: [`application slot a: ${reason}`],
    });
  });

  describe("where the credential of epoch 1 was deleted by hand", () => {
    const was = recorded({ application: slotA("empty 1") });
    const application = { ...was.slots.application, a: { epoch: 1, state: "empty", lost: true } as const };
    const step = (next: SlotText) =>
      verdict({ ...was, slots: { ...was.slots, application } }, wanted({ application: slotA(next) }));

    it.each(["live 2", "empty 1"] as const)("accepts %s", (next) => {
      expect(step(next)).toBe("accepted");
    });

    it.each(["live 1", "draining 1", "suspended 1", "live 3"] as const)(
      "refuses %s: the lost secret cannot come back",
      (next) => {
        expect(step(next)).toEqual({
          code: "ROTATION_REFUSED",
          details: ["application slot a: its credential of epoch 1 no longer exists: live with epoch 2, or empty"],
        });
      },
    );
  });

  it.each([
    ["live 2", "live 1"],
    ["draining 2", "empty 1"],
    ["empty 2", "live 1"],
  ] as const)("calls a file behind whose slot goes from %s back to %s", (was, next) => {
    expect(stepOfSlotA(was, next)).toEqual({
      code: "CONFIG_BEHIND",
      details: ["application slot a: epoch 1, provisioned is 2"],
    });
  });

  it("refuses to mint one slot and to end the other in one step", () => {
    const was = recorded({ operator: { a: "live 1", b: "empty 4" } });
    const next = wanted({ operator: { a: "draining 1", b: "live 5", active: "b" } });
    expect(verdict(was, next)).toEqual({
      code: "ROTATION_REFUSED",
      details: ["operator: slot b is minted and slot a ends in one step"],
    });
  });

  it("lets one role mint while the other role drains", () => {
    const was = recorded({ operator: { a: "live 1", b: "live 2" } });
    const next = wanted({
      application: { a: "live 1", b: "live 1" },
      operator: { a: "draining 1", b: "live 2", active: "b" },
    });
    expect(verdict(was, next)).toBe("accepted");
  });

  it("reports every refusal of both roles at once", () => {
    const skipped: RoleText = { a: "empty 1", b: "live 1", active: "b" };
    expect(verdict(recorded(), wanted({ application: skipped, operator: skipped }))).toEqual({
      code: "ROTATION_REFUSED",
      details: [
        "application slot a: live: it must be draining for one `up` before it ends",
        "operator slot a: live: it must be draining for one `up` before it ends",
        "application: slot b is minted and slot a ends in one step",
        "operator: slot b is minted and slot a ends in one step",
      ],
    });
  });

  it("says that the file is behind before anything else: its other refusals follow from that", () => {
    const was = recorded({ application: { a: "live 3", b: "live 1" }, operator: { a: "live 2", b: "empty 0" } });
    const skipped = wanted({ application: FIRST, operator: FIRST }, "dual");
    expect(verdict(was, skipped)).toEqual({
      code: "CONFIG_BEHIND",
      details: [
        "application slot a: epoch 1, provisioned is 3",
        "application slot b: epoch 0, provisioned is 1",
        "operator slot a: epoch 1, provisioned is 2",
      ],
    });
  });

  it.each<[Phase, Phase, boolean]>([
    ["redis", "redis", true],
    ["redis", "dual", true],
    ["redis", "kv", false],
    ["dual", "kv", true],
    ["dual", "dual", true],
    ["dual", "redis", true],
    ["kv", "kv", true],
    ["kv", "dual", false],
    ["kv", "redis", false],
  ])("from phase %s to %s: accepted is %s", (was, next, accepted) => {
    const outcome = verdict(recorded({}, was), wanted({}, next));
    expect(outcome).toEqual(accepted ? "accepted" : { code: "PHASE_CHANGE_REFUSED", details: [] });
  });

  describe("where a namespace is provisioned", () => {
    const strong = (shards?: number) => ({
      consistency: "strong" as const,
      defaultTtlSeconds: 60,
      ...(shards === undefined ? {} : { shards }),
    });
    const eventual = { consistency: "eventual" as const, defaultTtlSeconds: 60 };
    const was = {
      ...recorded(),
      namespaces: {
        sessions: { consistency: "strong" as const, shards: 16 },
        cache: { consistency: "eventual" as const },
      },
    };
    const step = (namespaces: ReturnType<typeof wanted>["namespaces"]) => verdict(was, { ...wanted(), namespaces });

    it.each([
      ["as they are", { sessions: strong(16), cache: eventual }],
      ["with the default left out", { sessions: strong(), cache: eventual }],
      ["with one that is new, and without one", { cache: eventual, locks: strong(1) }],
    ])("accepts namespaces %s", (_title, namespaces) => {
      expect(step(namespaces)).toBe("accepted");
    });

    it.each([
      ["another number of shards", { sessions: strong(8) }, "sessions: 8 shards, provisioned are 16"],
      ["eventual in place of strong", { sessions: eventual }, "sessions: eventual, provisioned is strong"],
      ["strong in place of eventual", { cache: strong() }, "cache: strong, provisioned is eventual"],
    ])("refuses %s: the keys would be looked for elsewhere", (_title, namespaces, line) => {
      expect(step(namespaces)).toEqual({ code: "NAMESPACE_CHANGE_REFUSED", details: [line] });
    });

    it("reports every namespace at once", () => {
      expect(step({ sessions: strong(1), cache: strong() })).toMatchObject({
        details: [/^sessions/, /^cache/].map((line) => expect.stringMatching(line)),
      });
    });
  });

  it.each([
    ["rest", "gateway"],
    ["gateway", "rest"],
  ] as const)("refuses to go from access %s to %s while credentials exist", (from, to) => {
    const was = { ...recorded(), access: [from] };
    expect(verdict(was, { ...wanted(), access: to })).toEqual({
      code: "ACCESS_CHANGE_REFUSED",
      details: [`access: ${to}, provisioned is ${from}`],
    });
    expect(verdict(was, { ...wanted(), access: from })).toBe("accepted");
  });

  it("accepts another access where no credential is left", () => {
    expect(verdict({ ...recorded(), access: [] }, { ...wanted(), access: "gateway" })).toBe("accepted");
  });
});
