import { beforeAll, describe, expect, it } from "vitest";

import type { MutatingCall } from "../support/fault-campaign.ts";
import { LIFE, REFRESH, UP, usingEnvironment } from "../support/fault-life.ts";

let calls: MutatingCall[][];
let callsWithoutChange: { refresh: MutatingCall[]; secondUp: MutatingCall[] };

beforeAll(async () => {
  await usingEnvironment(async (environment) => {
    const [create, ...rest] = LIFE;
    const created = await environment.callsOfSteps(create === undefined ? [] : [create]);
    callsWithoutChange = { refresh: await environment.callsOf(REFRESH), secondUp: await environment.callsOf(UP) };
    calls = [...created, ...(await environment.callsOfSteps(rest))];
  });
});

// The short form; faults-answers and faults-connections hold each fault at each call alone, in npm run test:soak.
describe("every mutating call of an environment's life", () => {
  it.each(["lose-answer", "kill"] as const)(
    "converges when all meet the fault %s: no duplicate, no orphan",
    async (fault) => {
      expect(calls.every((step) => step.length > 0)).toBe(true);
      await usingEnvironment(async (environment) => {
        for (const [index, step] of LIFE.entries()) await environment.step(step, calls[index] ?? [], fault);
      });
    },
  );

  it("is none in a refresh, nor in an `up` that has nothing to change", () => {
    expect(callsWithoutChange).toEqual({ refresh: [], secondUp: [] });
  });
});
