import { describe, expect, it } from "vitest";

import { createGroup, type Deploy, deploy, deploys, settled, startTestEmulator, statuses } from "./test-emulator.ts";

describe("rollback", () => {
  it("brings back service variables and groups of the target, with the values that the groups have now", async () => {
    const bed = startTestEmulator();
    const upstash = await createGroup(bed, { envVars: [{ key: "UPSTASH", value: "1" }], serviceIds: ["srv-1"] });
    const deleted = await createGroup(bed, { envVars: [{ key: "DELETED", value: "1" }], serviceIds: ["srv-1"] });
    await bed.call("PUT", "/services/srv-1/env-vars/OWN", { value: "old" });
    await deploy(bed);
    const [target] = await deploys(bed);
    await bed.call("PUT", "/services/srv-1/env-vars/OWN", { value: "new" });
    await bed.call("PUT", `/env-groups/${upstash}/env-vars/UPSTASH`, { value: "2" });
    await bed.call("DELETE", `/env-groups/${upstash}/services/srv-1`);
    await bed.call("DELETE", `/env-groups/${deleted}`);
    await createGroup(bed, { envVars: [{ key: "YOUNGER", value: "1" }], serviceIds: ["srv-1"] });
    await deploy(bed);
    const { status, body } = await bed.call<Deploy>("POST", "/services/srv-1/rollback", { deployId: target?.id });
    await settled();
    expect([status, body.trigger]).toEqual([201, "rollback"]);
    expect(bed.launcher.at(-1).request.env).toEqual({ OWN: "old", UPSTASH: "2" });
    expect(await statuses(bed)).toEqual(["live", "deactivated", "deactivated"]);
    await deploy(bed);
    expect(bed.launcher.at(-1).request.env).toEqual({ OWN: "new", YOUNGER: "1" });
  });

  it("is refused to a deploy that never was live", async () => {
    const bed = startTestEmulator();
    bed.launcher.holds = true;
    await deploy(bed);
    bed.launcher.at(0).fail();
    await settled();
    const [failed] = await deploys(bed);
    expect((await bed.call("POST", "/services/srv-1/rollback", { deployId: failed?.id })).status).toBe(400);
    expect((await bed.call("POST", "/services/srv-1/rollback", { deployId: "dep-none" })).status).toBe(404);
  });
});

describe("a change of a group", () => {
  it("deploys no service by itself", async () => {
    const bed = startTestEmulator();
    const group = await createGroup(bed, { serviceIds: ["srv-1"] });
    await bed.call("PUT", `/env-groups/${group}/env-vars/PHASE`, { value: "kv" });
    expect(await deploys(bed)).toEqual([]);
  });

  it("deploys its services where the switch says so", async () => {
    const bed = startTestEmulator({ deploy: { onGroupChange: true } });
    const group = await createGroup(bed);
    const triggered: number[] = [];
    const change = async (method: string, path: string, body?: unknown): Promise<void> => {
      await bed.call(method, `/env-groups/${group}${path}`, body);
      await settled();
      triggered.push(bed.launcher.launches.length);
    };
    await change("POST", "/services/srv-1");
    await change("PUT", "/env-vars/PHASE", { value: "kv" });
    await change("PATCH", "", { name: "renamed" });
    await change("PUT", "/secret-files/f", { content: "c" });
    await change("DELETE", "");
    expect(triggered).toEqual([1, 2, 2, 3, 4]);
    expect(bed.launcher.at(-1).request.env).toEqual({});
    expect((await deploys(bed))[0]?.trigger).toBe("other");
  });
});
