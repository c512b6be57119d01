import { describe, expect, it } from "vitest";

import type { Prompts } from "../../../../src/core/ask.ts";
import type { EnvironmentKind } from "../../../../src/core/names.ts";
import { settleAnsweredServices } from "../../../../src/flows/init/served-services.ts";
import type { Neighbour } from "../../../../src/policy/model.ts";
import { emulateVendors } from "./emulated-vendors.ts";
import { exampleAnswers, OTHER_ACCOUNT, OTHER_SERVICE, OWNER, SERVICE } from "./example-answers.ts";
import { scriptedPrompts } from "./scripted-prompts.ts";

interface World {
  readonly kind?: EnvironmentKind;
  readonly theirs?: EnvironmentKind;
  /** Services in the file of the neighbour, and those that its group is linked to. */
  readonly listed?: readonly string[];
  readonly linked?: readonly string[];
  readonly group?: string;
  /** Whose credential the group holds. */
  readonly credential?: string;
  readonly prompts?: Prompts;
}

async function settle(world: World) {
  const { kind = "development", theirs = "development", listed = [], linked = [], prompts } = world;
  const { vendors, render, env } = emulateVendors();
  const envVars = [{ key: "CLOUDFLARE_KV_CREDENTIAL_ID", value: `${world.credential ?? "other"}-application-a1` }];
  const name = world.group ?? "brainbot-other-cloudflare-kv";
  const created = await render.fetch(
    new Request("https://api.render.com/v1/env-groups", {
      method: "POST",
      headers: { authorization: `Bearer ${env.RENDER_API_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ name, ownerId: OWNER, envVars, serviceIds: linked }),
    }),
  );
  expect(created.status).toBe(201);
  const neighbour: Neighbour = {
    app: "brainbot",
    environment: "other",
    kind: theirs,
    access: "rest",
    accountId: OTHER_ACCOUNT,
    services: listed,
    renderEnvironmentId: undefined,
  };
  return settleAnsweredServices(exampleAnswers({ kind }), vendors, { known: [neighbour], unreadable: [] }, { prompts });
}

describe("settleAnsweredServices", () => {
  it("has nothing to say where no other environment has the services", async () => {
    expect(await settle({ listed: [OTHER_SERVICE], linked: [OTHER_SERVICE], theirs: "production" })).toEqual([]);
  });

  it.each<[EnvironmentKind, EnvironmentKind]>([
    ["production", "development"],
    ["development", "production"],
    ["preview", "production"],
  ])("refuses for %s what %s serves, or lists in its file", async (kind, theirs) => {
    const refused = { code: "SERVED_ELSEWHERE", problem: expect.stringContaining("Nothing was written.") };
    await expect(settle({ kind, theirs, linked: [SERVICE] })).rejects.toMatchObject({
      ...refused,
      details: [expect.stringMatching(new RegExp(`^--service: api \\(${SERVICE}\\): the group brainbot-other-`))],
    });
    await expect(settle({ kind, theirs, listed: [SERVICE] })).rejects.toMatchObject({
      ...refused,
      details: [`--service: ${SERVICE} is a service of the ${theirs} environment other`],
    });
  });

  it("takes an environment of another project for production where its name says so, and warns of others", async () => {
    const settled = (stem: string, credential: string) =>
      settle({ linked: [SERVICE], group: `${stem}-cloudflare-kv`, credential });
    await expect(settled("shop-prod", "prod")).rejects.toMatchObject({ code: "SERVED_ELSEWHERE" });
    expect(await settled("shop-test", "test")).toEqual([expect.stringContaining("is not known here")]);
  });

  it("warns outside of production where nobody can answer", async () => {
    expect(await settle({ linked: [SERVICE] })).toEqual([
      expect.stringContaining("of the environment other (its CLOUDFLARE_KV_CREDENTIAL_ID names the environment other)"),
    ]);
  });

  it("asks a person, who may agree or not", async () => {
    const agreed = scriptedPrompts("yes");
    expect(await settle({ linked: [SERVICE], prompts: agreed.prompts })).toHaveLength(1);
    expect(agreed.asked[0]?.choices).toEqual(["no", "yes"]);
    const { prompts } = scriptedPrompts("no");
    await expect(settle({ linked: [SERVICE], prompts })).rejects.toMatchObject({ code: "NOT_CONFIRMED" });
  });
});
