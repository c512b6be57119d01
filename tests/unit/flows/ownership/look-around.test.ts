import { describe, expect, it } from "vitest";

import { lookAround, selfOf } from "../../../../src/flows/ownership/look-around.ts";
import { readDeployment } from "../../../../src/state/deployment.ts";
import { readRecordedObjects } from "../../../../src/state/objects.ts";
import { emulateVendors } from "../init/emulated-vendors.ts";
import { OTHER_ACCOUNT, OTHER_SERVICE, OWNER, SERVICE } from "../init/example-answers.ts";

const NOTHING = readRecordedObjects(readDeployment({ deployment: {} }));
const PROD = {
  app: "brainbot",
  environment: "prod",
  kind: "production",
  access: "rest",
  accountId: OTHER_ACCOUNT,
  services: [],
  renderEnvironmentId: undefined,
} as const;
const NEIGHBOURS = { known: [PROD], unreadable: [{ file: "Pulumi.staging.yaml", problem: "it is not valid YAML" }] };
const SELF = selfOf("dev", { app: "brainbot" }, NOTHING, NEIGHBOURS);

function emulate() {
  const { vendors, render, env, clock } = emulateVendors();
  const create = async (name: string, serviceIds: readonly string[], value = "kv"): Promise<string> => {
    const body = { name, ownerId: OWNER, envVars: [{ key: "CLOUDFLARE_KV_PHASE", value }], serviceIds };
    const answer = await render.fetch(
      new Request("https://api.render.com/v1/env-groups", {
        method: "POST",
        headers: { authorization: `Bearer ${env.RENDER_API_KEY}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
    return ((await answer.json()) as { id: string }).id;
  };
  const look = (self = SELF) => lookAround(vendors.render, { ownerId: OWNER, services: [SERVICE] }, self);
  return { create, look, clock };
}

describe("lookAround", () => {
  it("finds the groups of other environments, linked or not, and every group that is linked to a service", async () => {
    const { create, look } = emulate();
    await create("brainbot-prod-cloudflare-kv", [SERVICE]);
    await create("shop-live-cloudflare-kv", [OTHER_SERVICE]);
    await create("brainbot-staging-cloudflare-kv", []);
    await create("people's own", [SERVICE]);
    await create("of nobody here", [OTHER_SERVICE]);
    const { linked, others } = await look();
    expect(linked.map(({ name }) => name).toSorted()).toEqual(["brainbot-prod-cloudflare-kv", "people's own"]);
    expect(Object.fromEntries(others.map(({ owner }) => [owner.who, owner.kind]))).toEqual({
      "the environment prod": "production",
      "the environment shop-live, which no file of this project describes": "production",
      "the environment staging": undefined,
    });
  });

  it("leaves the groups out that the state knows", async () => {
    const { create, look } = emulate();
    const id = await create("brainbot-prod-cloudflare-kv", [SERVICE]);
    expect(await look({ ...SELF, groups: [id] })).toEqual({ linked: [], others: [] });
  });

  it("finds a group that shadows ours among hundreds, of which Render lists a hundred at once", async () => {
    const { create, look, clock } = emulate();
    for (let index = 0; index < 230; index += 1) {
      // Render takes a hundred writes a minute.
      clock.advance(700);
      await create(index === 117 ? "people's own" : `group ${String(index)}`, index === 117 ? [SERVICE] : []);
    }
    expect((await look()).linked.map(({ name }) => name)).toEqual(["people's own"]);
  });
});
