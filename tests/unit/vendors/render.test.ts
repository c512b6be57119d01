import { inspect } from "node:util";

import { describe, expect, it } from "vitest";

import { Secret } from "../../../src/core/secret.ts";
import { createRender } from "../../../src/vendors/render.ts";
import { BASE, json, type Scripted, scriptedApi } from "./scripted-api.ts";

const OWNER = "tea-d0000000000000000001";
const VALUE = "v".repeat(20);

const service = (index: number) => ({ id: `srv-${String(index)}`, name: "api", ownerId: OWNER, type: "web_service" });
const services = (count: number, from = 0) => Array.from({ length: count }, (_, index) => service(from + index));
/** As Render lists: each item with its own cursor. */
const page = (key: string, items: readonly Readonly<Record<string, string>>[]) =>
  json(items.map((item) => ({ [key]: item, cursor: `after ${item["id"] ?? "this"}` })));
const refused = (status: number) => json({ id: "e1", message: "no" }, status);

function scripted(...script: readonly Scripted[]) {
  const api = scriptedApi(script, { repeats: 0 });
  return {
    render: createRender(api.send),
    /** `GET /path`, with what follows the base. */
    asked: () => api.sent.map(({ url, init }) => `${String(init.method)} ${url.slice(BASE.length)}`),
    bodies: () => api.sent.map(({ init }) => init.body),
  };
}

const group = {
  id: "evg-1",
  name: "shared",
  ownerId: OWNER,
  createdAt: "2026-11-23T00:00:00Z",
  serviceLinks: [{ id: "srv-1", name: "api" }],
};

describe("a list of Render", () => {
  it("is read from cursor to cursor until a page is not full", async () => {
    const { render, asked } = scripted(
      page("service", services(100)),
      page("service", services(100, 100)),
      page("service", services(7, 200)),
    );
    expect(await render.services(OWNER)).toEqual(services(207));
    const path = `GET /services?ownerId=${OWNER}&limit=100`;
    expect(asked()).toEqual([path, `${path}&cursor=after%20srv-99`, `${path}&cursor=after%20srv-199`]);
  });

  it("ends with an empty page after a full one", async () => {
    const { render, asked } = scripted(page("service", services(100)), page("service", []));
    expect(await render.services(OWNER)).toHaveLength(100);
    expect(asked()).toHaveLength(2);
  });

  it("fails as a whole where one page fails", async () => {
    const { render } = scripted(page("service", services(100)), refused(403));
    await expect(render.services(OWNER)).rejects.toMatchObject({
      code: "VENDOR_FAILED",
      details: ["GET /services: answered 403", "no"],
    });
  });

  it.each([
    ["an item without its name", page("service", [{ id: "srv-1", ownerId: OWNER, type: "web_service" }]), "0.name"],
    ["an item under another key", page("thing", [service(1)]), "0"],
    ["an item without cursor", json([{ service: service(1) }]), "0.cursor"],
    ["no list", json({ services: [] }), "the whole answer"],
  ])("(%s) that is not understood is an error of the vendor that names the place", async (_what, response, place) => {
    await expect(scripted(response).render.services(OWNER)).rejects.toMatchObject({
      code: "VENDOR_FAILED",
      details: ["GET /services: answered 200", `not understood: ${place}`],
    });
  });
});

describe("workspaces and environments", () => {
  it("lists workspaces with id and name", async () => {
    const { render, asked } = scripted(page("owner", [{ id: OWNER, name: "brainbot", email: "a@example.com" }]));
    expect(await render.owners()).toEqual([{ id: OWNER, name: "brainbot" }]);
    expect(asked()).toEqual(["GET /owners?limit=100"]);
  });

  it("gathers the environments of every project of a workspace", async () => {
    const project = (id: string) => ({ id, name: id });
    const { render, asked } = scripted(
      page("project", [project("prj-1"), project("prj-2")]),
      page("environment", [{ id: "evm-a", name: "a" }]),
      page("environment", [{ id: "evm-b", name: "b" }]),
    );
    expect((await render.environments(OWNER)).map(({ id }) => id)).toEqual(["evm-a", "evm-b"]);
    expect(asked()).toEqual([
      `GET /projects?ownerId=${OWNER}&limit=100`,
      "GET /environments?projectId=prj-1&limit=100",
      "GET /environments?projectId=prj-2&limit=100",
    ]);
  });
});

describe("one service", () => {
  it("is undefined where there is none", async () => {
    expect(await scripted(refused(404)).render.service("srv-1")).toBeUndefined();
  });

  it("is no reason to take a refusal for an absence", async () => {
    await expect(scripted(refused(401)).render.service("srv-1")).rejects.toMatchObject({ code: "VENDOR_FAILED" });
  });

  it("does not leave its path, whatever its id is", async () => {
    const { render, asked } = scripted(refused(404));
    await render.service("../owners?x");
    expect(asked()).toEqual(["GET /services/..%2Fowners%3Fx"]);
  });

  it("has variables whose values stay secret", async () => {
    const { render } = scripted(page("envVar", [{ key: "A", value: VALUE }]));
    const variables = await render.serviceVariables("srv-1");
    expect(variables.map(({ key, value }) => [key, value.reveal()])).toEqual([["A", VALUE]]);
    expect(JSON.stringify(variables) + inspect(variables, { depth: 5 })).not.toContain(VALUE);
  });
});

describe("deploys", () => {
  const deploy = (id: string, createdAt: string) => ({ deploy: { id, status: "live", createdAt }, cursor: id });

  it("come newest first, whatever the order of the answer is", async () => {
    const { render, asked } = scripted(
      json([deploy("dep-1", "2026-11-01T00:00:00Z"), deploy("dep-2", "2026-11-02T00:00:00Z")]),
    );
    expect((await render.deploys("srv-1")).map(({ id }) => id)).toEqual(["dep-2", "dep-1"]);
    expect(asked()).toEqual(["GET /services/srv-1/deploys?limit=20"]);
  });

  it("are limited to statuses where some are given", async () => {
    const { render, asked } = scripted(json([]));
    await render.deploys("srv-1", ["live", "update_in_progress"]);
    expect(asked()).toEqual(["GET /services/srv-1/deploys?limit=20&status=live&status=update_in_progress"]);
  });

  it.each([201, 202])("are started with the last build, answered with %s", async (status) => {
    const { render, asked, bodies } = scripted(new Response(status === 202 ? null : "{}", { status }));
    await render.deploy("srv-1");
    expect([asked(), bodies()]).toEqual([["POST /services/srv-1/deploys"], ['{"deployMode":"deploy_only"}']]);
  });
});

describe("groups", () => {
  it("are those of exactly the name: Render's filter may find more", async () => {
    const { render, asked } = scripted(json([group, { ...group, id: "evg-2", name: "shared too" }]));
    expect(await render.groups(OWNER, "shared")).toEqual([group]);
    expect(asked()).toEqual([`GET /env-groups?ownerId=${OWNER}&name=shared&limit=100`]);
  });

  it("are all of the workspace where no name is given", async () => {
    const { render, asked } = scripted(json([group, { ...group, id: "evg-2", name: "another" }]));
    expect(await render.groups(OWNER)).toHaveLength(2);
    expect(asked()).toEqual([`GET /env-groups?ownerId=${OWNER}&limit=100`]);
  });

  it("are asked for by time where a page is full, and a list that says nothing of the rest is refused", async () => {
    const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();
    const full = Array.from({ length: 100 }, (_, index) => ({
      ...group,
      id: `evg-${String(index)}`,
      createdAt: at(index),
    }));
    const older = full.slice(0, 52);
    const newer = [...full.slice(49), { ...group, id: "evg-last", createdAt: at(200) }];
    const { render, asked } = scripted(json(full), json(older), json(newer));
    expect(await render.groups(OWNER)).toHaveLength(101);
    expect(asked()).toEqual([
      `GET /env-groups?ownerId=${OWNER}&limit=100`,
      `GET /env-groups?ownerId=${OWNER}&limit=100&createdBefore=${encodeURIComponent(at(51))}`,
      `GET /env-groups?ownerId=${OWNER}&limit=100&createdAfter=${encodeURIComponent(at(49))}`,
    ]);
    // As of an API that does not know the filter: the same page for ever.
    const deaf = scripted(...Array.from({ length: 64 }, () => json(full)));
    await expect(deaf.render.groups(OWNER)).rejects.toMatchObject({ code: "VENDOR_FAILED" });
    expect(deaf.asked().length).toBeLessThan(64);
  });

  it("keep the values of one group secret, and leave its files out", async () => {
    const { render } = scripted(
      json({ ...group, envVars: [{ key: "A", value: VALUE }], secretFiles: [{ name: "key.pem", content: VALUE }] }),
    );
    const found = await render.group("evg-1");
    expect(found?.envVars[0]?.value).toBeInstanceOf(Secret);
    expect(found?.secretFiles).toEqual([{ name: "key.pem" }]);
    expect(JSON.stringify(found) + inspect(found, { depth: 5 })).not.toContain(VALUE);
  });

  it("show no value where they are not understood", async () => {
    const { render } = scripted(json({ ...group, envVars: [{ key: "A", value: [VALUE] }], secretFiles: [] }));
    const error: unknown = await render.group("evg-1").catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "VENDOR_FAILED",
      details: [expect.any(String), "not understood: envVars.0.value"],
    });
    expect(JSON.stringify(error) + String(error)).not.toContain(VALUE);
  });

  it("are undefined where there is none", async () => {
    expect(await scripted(refused(404)).render.group("evg-1")).toBeUndefined();
  });
});

describe.each([
  ["a group", () => ["deleteGroup", "evg-1"] as const, "/env-groups/evg-1"],
  ["a variable of a group", () => ["deleteGroupVariable", "evg-1", "A B"] as const, "/env-groups/evg-1/env-vars/A%20B"],
])("deleting %s", (_what, call, path) => {
  const run = (response: Response) => {
    const { render, asked } = scripted(response);
    const [method, id, key = ""] = call();
    return { done: render[method](id, key), asked };
  };

  it.each([
    ["204", new Response(null, { status: 204 })],
    ["404: what is gone is deleted", refused(404)],
  ])("holds with %s", async (_answer, response) => {
    const { done, asked } = run(response);
    await done;
    expect(asked()).toEqual([`DELETE ${path}`]);
  });

  it("fails where Render refuses", async () => {
    await expect(run(refused(409)).done).rejects.toMatchObject({ code: "VENDOR_FAILED" });
  });
});

describe("Blueprints", () => {
  it("come with what each of them owns", async () => {
    const blueprint = { id: "exs-1", name: "shop", repo: "https://github.com/example/shop" };
    const resources = [{ id: "evg-1", name: "shared", type: "environment_group" }];
    const { render, asked } = scripted(page("blueprint", [blueprint]), json({ ...blueprint, resources }));
    expect(await render.blueprints(OWNER)).toEqual([{ ...blueprint, resources }]);
    expect(asked()).toEqual([`GET /blueprints?ownerId=${OWNER}&limit=100`, "GET /blueprints/exs-1"]);
  });
});
