import { describe, expect, it } from "vitest";

import { createGroup, OTHER_OWNER, OWNER, startTestEmulator } from "./test-emulator.ts";

interface Group {
  readonly id: string;
  readonly envVars: readonly { key: string; value: string }[];
  readonly serviceLinks: readonly unknown[];
  readonly updatedAt: string;
}

describe("POST /env-groups", () => {
  it("takes null for lists that are not configured", async () => {
    const bed = startTestEmulator();
    const id = await createGroup(bed, { secretFiles: null });
    expect((await bed.call("GET", `/env-groups/${id}`)).body).toMatchObject({ secretFiles: [], serviceLinks: [] });
  });

  it.each([
    ["no variables", { envVars: null }, 400, /at least one environment variable/],
    ["an empty list of variables", { envVars: [] }, 400, /at least one environment variable/],
    ["an empty value", { envVars: [{ key: "A", value: "" }] }, 400, /A: an environment variable needs a value/],
    ["neither value nor generateValue", { envVars: [{ key: "A", generateValue: false }] }, 400, /needs a value/],
    ["both value and generateValue", { envVars: [{ key: "A", value: "1", generateValue: true }] }, 400, /exclude/],
    ["a key with a space", { envVars: [{ key: "A B", value: "1" }] }, 400, /key of an environment variable/],
    ["a key twice", { envVars: ["1", "2"].map((value) => ({ key: "A", value })) }, 400, /duplicate key/],
    ["a file twice", { secretFiles: ["1", "2"].map((content) => ({ name: "f", content })) }, 400, /duplicate name/],
    ["an empty name", { name: "" }, 400, /needs a name/],
    ["no name", { name: null }, 400, /^name: /],
    ["an unknown workspace", { ownerId: "tea-none" }, 404, /workspace tea-none not found/],
    ["an unknown service", { serviceIds: ["srv-none"] }, 404, /service srv-none not found/],
    ["a service of another workspace", { ownerId: OTHER_OWNER, serviceIds: ["srv-1"] }, 400, /another workspace/],
    [
      "a service outside its environment",
      { environmentId: "evm-a", serviceIds: ["srv-1"] },
      400,
      /not in the environment/,
    ],
  ])("refuses %s and creates nothing", async (_, change, status, message) => {
    const bed = startTestEmulator();
    const group = { name: "g", ownerId: OWNER, envVars: [{ key: "A", value: "1" }], ...change };
    expect(await bed.call("POST", "/env-groups", group)).toMatchObject({
      status,
      body: { message: expect.stringMatching(message) as unknown },
    });
    expect((await bed.call("GET", "/env-groups")).body).toEqual([]);
  });

  it("never repeats a value in a refusal", async () => {
    const bed = startTestEmulator();
    const value = "x".repeat(24);
    const { body } = await bed.call("POST", "/env-groups", {
      ownerId: OWNER,
      envVars: [{ key: 1, value }],
      name: [value],
    });
    expect(JSON.stringify(body)).not.toContain(value);
  });
});

describe("GET /env-groups", () => {
  it("lists groups without values, filtered by name, workspace, environment and time", async () => {
    const bed = startTestEmulator();
    await createGroup(bed, { name: "first" });
    bed.clock.advance(60_000);
    await createGroup(bed, { name: "second", environmentId: "evm-a" });
    await createGroup(bed, { name: "third", ownerId: OTHER_OWNER });
    const names = async (query: string) => {
      const { body } = await bed.call<{ name: string }[]>("GET", `/env-groups${query}`);
      return body.map(({ name }) => name);
    };
    expect([
      await names(""),
      await names("?name=first&name=third"),
      await names("?name=first,second"),
      await names(`?ownerId=${OTHER_OWNER}`),
      await names("?environmentId=evm-a"),
      await names("?createdAfter=2026-11-23T00:00:30Z"),
      await names("?updatedBefore=2026-11-23T00:00:30Z"),
      await names("?limit=1"),
    ]).toEqual([
      ["first", "second", "third"],
      ["first", "third"],
      ["first", "second"],
      ["third"],
      ["second"],
      ["second", "third"],
      ["first"],
      ["first"],
    ]);
    const { body } = await bed.call("GET", "/env-groups?name=first");
    expect(body).toEqual([expect.not.objectContaining({ envVars: expect.anything() as unknown })]);
  });
});

describe("variables of a group", () => {
  it("change in place of the whole group without touching updatedAt", async () => {
    const bed = startTestEmulator();
    const id = await createGroup(bed);
    const before = (await bed.call<Group>("GET", `/env-groups/${id}`)).body;
    bed.clock.advance(5000);
    await bed.call("PUT", `/env-groups/${id}/env-vars/NEW`, { value: "1" });
    const { status, body } = await bed.call("PUT", `/env-groups/${id}/env-vars/PHASE`, { value: "kv" });
    expect([status, body]).toEqual([
      200,
      {
        ...before,
        envVars: [
          { key: "PHASE", value: "kv" },
          { key: "NEW", value: "1" },
        ],
      },
    ]);
  });

  it("can be generated anew", async () => {
    const bed = startTestEmulator();
    const id = await createGroup(bed);
    const put = async () =>
      (await bed.call<Group>("PUT", `/env-groups/${id}/env-vars/G`, { generateValue: true })).body;
    const values = [await put(), await put()].map(({ envVars }) => envVars[0]?.value ?? "");
    expect(values.map((value) => Buffer.from(value, "base64").length)).toEqual([32, 32]);
    expect(values[0]).not.toBe(values[1]);
  });

  it("answer 404 to the delete of a missing key and 400 to an empty value, and stay as they were", async () => {
    const bed = startTestEmulator();
    const id = await createGroup(bed);
    expect((await bed.call("DELETE", `/env-groups/${id}/env-vars/NONE`)).status).toBe(404);
    expect((await bed.call("PUT", `/env-groups/${id}/env-vars/PHASE`, { value: "" })).status).toBe(400);
    expect((await bed.call("GET", `/env-groups/${id}/env-vars/PHASE`)).body).toEqual({ key: "PHASE", value: "redis" });
  });
});

describe("secret files of a group", () => {
  it("are limited to one megabyte together", async () => {
    const bed = startTestEmulator();
    const id = await createGroup(bed);
    const content = "x".repeat(600 * 1024);
    expect((await bed.call("PUT", `/env-groups/${id}/secret-files/a`, { content })).status).toBe(200);
    expect((await bed.call("PUT", `/env-groups/${id}/secret-files/b`, { content })).status).toBe(400);
    expect((await bed.call("PUT", `/env-groups/${id}/secret-files/a`, { content })).status).toBe(200);
  });
});

describe("links of a group", () => {
  it("name the service with its short type, once", async () => {
    const bed = startTestEmulator();
    const id = await createGroup(bed);
    await bed.call("POST", `/env-groups/${id}/services/srv-1`);
    await bed.call("POST", `/env-groups/${id}/services/srv-2`);
    const { status, body } = await bed.call<Group>("POST", `/env-groups/${id}/services/srv-1`);
    expect([status, body.serviceLinks]).toEqual([
      200,
      [
        { id: "srv-1", name: "api", type: "web" },
        { id: "srv-2", name: "jobs", type: "worker" },
      ],
    ]);
  });

  it("are kept to services of the environment that the group is scoped to", async () => {
    const bed = startTestEmulator();
    const id = await createGroup(bed, { environmentId: "evm-a" });
    expect((await bed.call("POST", `/env-groups/${id}/services/srv-1`)).status).toBe(400);
    expect((await bed.call("POST", `/env-groups/${id}/services/srv-2`)).status).toBe(200);
  });

  it("answer 404 when there is none to remove, and end with the group", async () => {
    const bed = startTestEmulator();
    const id = await createGroup(bed, { serviceIds: ["srv-1"] });
    expect((await bed.call("DELETE", `/env-groups/${id}/services/srv-2`)).status).toBe(404);
    expect(bed.emulator.effectiveEnv("srv-1")).toEqual({ PHASE: "redis" });
    expect((await bed.call("DELETE", `/env-groups/${id}`)).status).toBe(204);
    expect(bed.emulator.effectiveEnv("srv-1")).toEqual({});
    expect((await bed.call("DELETE", `/env-groups/${id}`)).status).toBe(404);
  });
});
