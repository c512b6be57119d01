import { expect, it } from "vitest";

import { guardTransition } from "../../src/flows/environment/guards.ts";
import { readDeployment } from "../../src/state/deployment.ts";
import { readRecorded } from "../../src/state/recorded.ts";
import { wanted } from "../unit/flows/environment/rotation-model.ts";

const TOKEN = "cloudflare:index/accountToken:AccountToken";

const token = (name: string) => ({ urn: `urn:pulumi:dev::kvshift::${TOKEN}::${name}`, type: TOKEN, outputs: {} });

// The engine records the outputs before it deletes: they say "empty" while the token that could not be deleted is
// still there. The guard took that for a live token and refused every further `up`.
it("lets the next `up` delete the token of a slot that was drained, when the first one failed at it", () => {
  const slots = { a: { epoch: 1, state: "empty" }, b: { epoch: 1, state: "live" } };
  const operator = { active: "a", slots: { a: { epoch: 1, state: "live" }, b: { epoch: 0, state: "empty" } } };
  const stack = {
    urn: "urn:pulumi:dev::kvshift::pulumi:pulumi:Stack::kvshift-dev",
    type: "pulumi:pulumi:Stack",
    outputs: { environment: { phase: "kv" }, credentials: { application: { active: "b", slots }, operator } },
  };
  const resources = [stack, token("application-a1"), token("application-b1"), token("operator-a1")];
  const recorded = readRecorded(readDeployment({ deployment: { resources } }));
  expect(recorded.slots.application.a).toEqual({ epoch: 1, state: "draining" });
  const config = wanted({ application: { a: "empty 1", b: "live 1", active: "b" } });
  expect(() => {
    guardTransition(recorded, config);
  }).not.toThrow();
});
