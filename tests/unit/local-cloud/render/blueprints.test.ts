import { describe, expect, it } from "vitest";

import { createGroup, OTHER_OWNER, OWNER, startTestEmulator } from "./test-emulator.ts";

const APP = { id: `exs-${"a".repeat(20)}`, name: "app", ownerId: OWNER, services: ["api"], envGroups: ["shared"] };
const ELSEWHERE = { id: `exs-${"b".repeat(20)}`, name: "elsewhere", ownerId: OTHER_OWNER, autoSync: false };

interface Blueprint {
  readonly name: string;
  readonly status: string;
  readonly resources: readonly unknown[];
}

describe("Blueprints", () => {
  it("own what exists under the names of their file, in their workspace", async () => {
    const bed = startTestEmulator({ blueprints: [APP] });
    const resources = async () => (await bed.call<Blueprint>("GET", `/blueprints/${APP.id}`)).body.resources;
    const api = { id: "srv-1", name: "api", type: "web_service" };
    await createGroup(bed, { name: "shared", ownerId: OTHER_OWNER });
    await createGroup(bed, { name: "other" });
    expect(await resources()).toEqual([api]);
    const group = await createGroup(bed, { name: "shared" });
    expect(await resources()).toEqual([api, { id: group, name: "shared", type: "environment_group" }]);
    await bed.call("DELETE", `/env-groups/${group}`);
    expect(await resources()).toEqual([api]);
  });

  it("are listed by workspace and page", async () => {
    const bed = startTestEmulator({ blueprints: [APP, ELSEWHERE] });
    type Item = { blueprint: Blueprint; cursor: string };
    const list = async (query: string) => (await bed.call<Item[]>("GET", `/blueprints${query}`)).body;
    const namesOf = (items: readonly Item[]) => items.map(({ blueprint }) => [blueprint.name, blueprint.status]);
    expect(namesOf(await list(`?ownerId=${OTHER_OWNER}`))).toEqual([["elsewhere", "paused"]]);
    const first = await list("?limit=1");
    expect(namesOf(first)).toEqual([["app", "in_sync"]]);
    expect(namesOf(await list(`?cursor=${first[0]?.cursor ?? ""}`))).toEqual([["elsewhere", "paused"]]);
  });

  it("can be put in place of others while the emulator runs", async () => {
    const bed = startTestEmulator({ blueprints: [APP] });
    bed.emulator.setBlueprints([ELSEWHERE]);
    expect((await bed.call("GET", `/blueprints/${APP.id}`)).status).toBe(404);
    expect((await bed.call("GET", `/blueprints/${ELSEWHERE.id}`)).body).toMatchObject({ resources: [] });
  });
});
