import { describe, expect, it } from "vitest";

import type { RenderEmulatorOptions } from "../../local-cloud/render/emulator.ts";
import { Secret } from "../../src/core/secret.ts";
import { createRender } from "../../src/vendors/render.ts";
import { vendorApi } from "../../src/vendors/vendor-api.ts";
import { documentedFetch } from "../support/render-openapi.ts";
import {
  createGroup,
  OTHER_OWNER,
  OWNER,
  settled,
  startTestEmulator,
} from "../unit/local-cloud/render/test-emulator.ts";

function connect(options: Partial<RenderEmulatorOptions> = {}, key?: string) {
  const bed = startTestEmulator(options);
  // Every answer is held against Render's document.
  const fetch = documentedFetch(bed.emulator.fetch);
  const pauses: number[] = [];
  const send = vendorApi({
    base: "https://render.test/v1",
    key: key === undefined ? bed.emulator.apiKey : new Secret(key),
    fetch: (url, init) => fetch(new Request(url, init)),
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      bed.clock.advance(milliseconds);
      return Promise.resolve();
    },
    signal: new AbortController().signal,
  });
  return { ...bed, render: createRender(send), pauses };
}

const many = <Item>(count: number, make: (number: string) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(String(index)));

describe("the client for Render", () => {
  it("lists the workspaces of the key, and the services of one beyond one page", async () => {
    const services = many(205, (number) => ({ id: `srv-${number}`, name: `api ${number}`, ownerId: OWNER }));
    const { render } = connect({
      services: [...services, { id: "srv-other", name: "other", ownerId: OTHER_OWNER }],
      environments: [],
    });
    expect((await render.owners()).map(({ id }) => id)).toEqual([OWNER, OTHER_OWNER]);
    expect((await render.services(OWNER)).map(({ id }) => id)).toEqual(services.map(({ id }) => id));
    expect((await render.services(OTHER_OWNER)).map(({ id }) => id)).toEqual(["srv-other"]);
  });

  it("lists the workspaces beyond one page", async () => {
    const owners = many(101, (number) => ({ id: `tea-${number}`, name: number }));
    const { render } = connect({ owners, services: [], projects: [], environments: [] });
    expect(await render.owners()).toEqual(owners);
  });

  it("lists the environments of every project of a workspace beyond one page", async () => {
    const projects = many(2, (number) => ({ id: `prj-${number}`, name: number, ownerId: OWNER }));
    const environments = many(130, (number) => ({ id: `evm-${number}`, name: number, projectId: "prj-1" }));
    const { render } = connect({ services: [], projects, environments });
    expect((await render.environments(OWNER)).map(({ id }) => id)).toEqual(environments.map(({ id }) => id));
    expect(await render.environments(OTHER_OWNER)).toEqual([]);
  });

  it("finds a service with its workspace and environment, and none that does not exist", async () => {
    const { render } = connect();
    expect(await render.service("srv-2")).toMatchObject({ name: "jobs", ownerId: OWNER, environmentId: "evm-a" });
    expect(await render.service("srv-9")).toBeUndefined();
  });

  it("reads the variables of a service beyond one page", async () => {
    const envVars = Object.fromEntries(many(120, (number) => [`KEY_${number}`, `value ${number}`]));
    const services = [{ id: "srv-1", name: "api", ownerId: OWNER, envVars }];
    const { render } = connect({ services });
    const variables = await render.serviceVariables("srv-1");
    expect(Object.fromEntries(variables.map(({ key, value }) => [key, value.reveal()]))).toEqual(envVars);
  });

  it("finds a group by its exact name and reads its values, which stay secret", async () => {
    const bed = connect();
    const id = await createGroup(bed, { name: "brainbot" });
    await createGroup(bed, { name: "brainbot too" });
    const [meta, ...others] = await bed.render.groups(OWNER, "brainbot");
    expect([meta?.id, others]).toEqual([id, []]);
    expect(await bed.render.groups(OWNER)).toHaveLength(2);
    const group = await bed.render.group(id);
    expect(group?.envVars.map(({ key, value }) => [key, value.reveal()])).toEqual([["PHASE", "redis"]]);
    expect(JSON.stringify(group)).not.toContain("redis");
  });

  it("deletes a variable and a group, and takes both for deleted where they are gone", async () => {
    const bed = connect();
    const envVars = ["A", "B"].map((key) => ({ key, value: "1" }));
    const id = await createGroup(bed, { envVars });
    for (let time = 0; time < 2; time += 1) await bed.render.deleteGroupVariable(id, "A");
    expect((await bed.render.group(id))?.envVars.map(({ key }) => key)).toEqual(["B"]);
    for (let time = 0; time < 2; time += 1) await bed.render.deleteGroup(id);
    expect(await bed.render.group(id)).toBeUndefined();
  });

  it.each([201, 202] as const)(
    "deploys the last build, answered with %s, and lists deploys newest first",
    async (answer) => {
      const { render, clock } = connect({ deploy: { answer } });
      await render.deploy("srv-1");
      await settled();
      clock.advance(1000);
      await render.deploy("srv-1");
      await settled();
      const deploys = await render.deploys("srv-1");
      expect(deploys.map(({ status }) => status)).toEqual(["live", "deactivated"]);
      expect((await render.deploys("srv-1", ["deactivated"])).map(({ id }) => id)).toEqual([deploys[1]?.id]);
    },
  );

  it("names what each Blueprint owns", async () => {
    const blueprints = [{ id: "exs-1", name: "shop", ownerId: OWNER, services: ["api"] }];
    const { render } = connect({ blueprints });
    expect(await render.blueprints(OTHER_OWNER)).toEqual([]);
    expect(await render.blueprints(OWNER)).toMatchObject([
      { id: "exs-1", name: "shop", resources: [{ id: "srv-1", name: "api" }] },
    ]);
  });

  it("meets a refusal with Render's words where the key is unknown", async () => {
    await expect(connect({}, "x".repeat(32)).render.owners()).rejects.toMatchObject({
      code: "VENDOR_FAILED",
      details: ["GET /owners: answered 401", expect.stringMatching(/\S/)],
    });
  });

  it("waits out the rate limit until its window ends, then goes on", async () => {
    const { render, pauses } = connect({ rateLimits: { read: { requests: 2, windowSeconds: 60 } } });
    for (let call = 0; call < 3; call += 1) await render.owners();
    expect(pauses).toEqual([60_000]);
  });

  it("asks again where the connection is lost, and loses no delete to it", async () => {
    const bed = connect();
    const id = await createGroup(bed);
    const lost = bed.emulator.faults.add({ method: "DELETE", path: /env-groups/, fault: { kind: "lose-answer" } });
    await bed.render.deleteGroup(id);
    expect(lost.hits).toBe(1);
    expect(await bed.render.groups(OWNER)).toEqual([]);
  });
});
