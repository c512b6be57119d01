import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { AppError } from "../../src/core/app-error.ts";
import { type Role, ROLES, type Slot, SLOT_STATES, SLOTS, type SlotState } from "../../src/core/names.ts";
import { guardTransition } from "../../src/flows/environment/guards.ts";
import { campaign } from "../support/campaign.ts";
import { recorded, type RoleText, type SlotText, wanted } from "../unit/flows/environment/rotation-model.ts";

type Environment = Readonly<Record<Role, RoleText>>;

const FIRST: RoleText = { a: "live 1", b: "empty 0", active: "a" };
const START: Environment = { application: FIRST, operator: FIRST };
const RUNS = { numRuns: campaign(300) };

function isAccepted(from: Environment, to: Environment): boolean {
  try {
    guardTransition(recorded(from), wanted(to));
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

const stateOf = (text: SlotText) => text.split(" ")[0] as SlotState;
const epochOf = (text: SlotText) => Number(text.split(" ")[1]);
const slots = (environment: Environment) =>
  ROLES.flatMap((role) => SLOTS.map((slot) => ({ id: `${role}-${slot}`, text: environment[role][slot] })));

/** Credentials that exist: a draining one is still valid, a suspended one can be so again. */
function valid(environment: Environment): readonly string[] {
  return slots(environment).flatMap(({ id, text }) => (stateOf(text) === "empty" ? [] : [`${id}${epochOf(text)}`]));
}

function inState(environment: Environment, state: SlotState): readonly string[] {
  return slots(environment).flatMap(({ id, text }) => (stateOf(text) === state ? [`${id}${epochOf(text)}`] : []));
}

/** Any next wish for a role that the schema would let through: the active slot is live. Mostly near what is. */
function nextRole(role: RoleText): fc.Arbitrary<RoleText> {
  const slot = (text: SlotText): fc.Arbitrary<SlotText> =>
    fc
      .record({
        state: fc.constantFrom<SlotState>(...SLOT_STATES),
        by: fc.constantFrom(0, 0, 0, 1, 1, 2, -1),
      })
      .map(({ state, by }): SlotText => `${state} ${Math.max(0, epochOf(text) + by)}`);
  return fc
    .record({ a: slot(role.a), b: slot(role.b), active: fc.constantFrom<Slot>("a", "b") })
    .filter((next) => stateOf(next[next.active]) === "live");
}

/** Wishes one after the other; those that the guard refuses change nothing. Returns the accepted steps. */
function walk(gen: fc.GeneratorValue): readonly (readonly [Environment, Environment])[] {
  const steps: [Environment, Environment][] = [];
  let now = START;
  for (let attempt = 0; attempt < 30; attempt++) {
    // Mostly one role at a time: two wishes are seldom acceptable at once.
    const [first, both] = [gen(fc.constantFrom, ...ROLES), gen(fc.boolean)];
    const wish = (role: Role) => (both || role === first ? gen(nextRole, now[role]) : now[role]);
    const next: Environment = { application: wish("application"), operator: wish("operator") };
    if (!isAccepted(now, next)) continue;
    steps.push([now, next]);
    now = next;
  }
  return steps;
}

/** The steps of a rotation of one role, one `up` each. */
function rotation(role: RoleText): readonly RoleText[] {
  const old = role.active ?? "a";
  const other = old === "a" ? "b" : "a";
  const minted: RoleText = { ...role, [other]: `live ${epochOf(role[other]) + 1}` };
  const handedOut: RoleText = { ...minted, active: other };
  const draining: RoleText = { ...handedOut, [old]: `draining ${epochOf(role[old])}` };
  const suspended: RoleText = { ...draining, [old]: `suspended ${epochOf(role[old])}` };
  return [minted, handedOut, draining, suspended, { ...draining, [old]: `empty ${epochOf(role[old])}` }];
}

describe("guardTransition", () => {
  it("never lets a credential vanish that was live before the step, whatever is wished for", () => {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        for (const [from, to] of walk(gen))
          expect(valid(to)).toEqual(expect.arrayContaining([...inState(from, "live")]));
      }),
      RUNS,
    );
  });

  it("lets a credential end, or be suspended, only where it was draining for a step of its own", () => {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        for (const [from, to] of walk(gen)) {
          const ended = valid(from).filter((id) => !valid(to).includes(id));
          const onTheWay = [...inState(from, "draining"), ...inState(from, "suspended")];
          expect(onTheWay).toEqual(expect.arrayContaining([...ended, ...inState(to, "suspended")]));
        }
      }),
      RUNS,
    );
  });

  it("never gives a new secret an epoch that the slot has had", () => {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        const had = new Set(valid(START));
        for (const [from, to] of walk(gen)) {
          const minted = valid(to).filter((id) => !valid(from).includes(id));
          expect(minted.filter((id) => had.has(id))).toEqual([]);
          for (const id of minted) had.add(id);
        }
      }),
      RUNS,
    );
  });

  it("never mints and ends credentials of one role in one step", () => {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        for (const [from, to] of walk(gen)) {
          for (const role of ROLES) {
            const own = (ids: readonly string[]) => ids.filter((id) => id.startsWith(role));
            const minted = own(valid(to)).filter((id) => !valid(from).includes(id));
            const ended = own(inState(from, "live")).filter((id) => !inState(to, "live").includes(id));
            expect(Math.min(minted.length, ended.length)).toBe(0);
          }
        }
      }),
      RUNS,
    );
  });

  it("refuses after a step the file from before it, where a secret was minted", () => {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        for (const [from, to] of walk(gen)) {
          const minted = valid(to).some((id) => !valid(from).includes(id));
          if (minted) expect(isAccepted(to, from)).toBe(false);
        }
      }),
      RUNS,
    );
  });

  it("walks somewhere: wishes are refused and accepted, secrets are minted and ended", () => {
    const seen = fc.sample(fc.gen(), { numRuns: 800, seed: 1 }).flatMap((gen) => walk(gen));
    expect(seen.some(([from, to]) => valid(to).length > valid(from).length)).toBe(true);
    expect(seen.some(([from, to]) => valid(to).length < valid(from).length)).toBe(true);
    expect(seen.length).toBeLessThan(800 * 30);
  });

  it("accepts every step of correct rotations of both roles, in any order and with repeated runs between", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Role | "again">("application", "operator", "again"), { maxLength: 40 }),
        (turns) => {
          let now = START;
          const pending: Record<Role, RoleText[]> = { application: [], operator: [] };
          for (const turn of turns) {
            let next = now;
            if (turn !== "again") {
              if (pending[turn].length === 0) pending[turn] = [...rotation(now[turn])];
              next = { ...now, [turn]: pending[turn].shift() };
            }
            expect(isAccepted(now, next)).toBe(true);
            now = next;
          }
        },
      ),
      RUNS,
    );
  });

  it("refuses a rotation that leaves out the draining step", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ROLES), fc.integer({ min: 1, max: 1000 }), (role, epoch) => {
        const before: RoleText = { a: `live ${epoch}`, b: `live ${epoch + 1}`, active: "b" };
        const skipped: RoleText = { ...before, a: `empty ${epoch}` };
        expect(isAccepted({ ...START, [role]: before }, { ...START, [role]: skipped })).toBe(false);
      }),
      RUNS,
    );
  });
});
