import { describe, expect, it } from "vitest";

import { createGroup, OWNER, OTHER_OWNER, settled, startTestEmulator } from "./test-emulator.ts";

const OVER_A_MEGABYTE = 1024 * 1024 + 1;

function request(path: string, init: RequestInit = {}): Request {
  return new Request(`http://render.test/v1${path}`, init);
}

describe("createRenderEmulator", () => {
  it.each([
    ["no key", undefined],
    ["another key", `Bearer rnd_${"x".repeat(32)}`],
    ["another scheme", "Basic eHg6eHg="],
  ])("answers 401 with a message to a call with %s, and changes nothing", async (_, authorization) => {
    const bed = startTestEmulator();
    const response = await bed.emulator.fetch(
      request("/env-groups", {
        method: "POST",
        body: JSON.stringify({ name: "n", ownerId: OWNER, envVars: [{ key: "A", value: "1" }] }),
        headers: authorization === undefined ? {} : { authorization },
      }),
    );
    expect([response.status, response.headers.get("content-type"), await response.json()]).toEqual([
      401,
      "application/json; charset=utf-8",
      { message: "Unauthorized" },
    ]);
    expect((await bed.call("GET", "/env-groups")).body).toEqual([]);
  });

  it("answers an unknown path with 404 and a message", async () => {
    const { emulator } = startTestEmulator();
    const headers = { authorization: `Bearer ${emulator.apiKey.reveal()}` };
    const response = await emulator.fetch(request("/nothing", { headers }));
    expect([response.status, await response.json()]).toEqual([404, { message: "path not found" }]);
  });

  it("stops reading a body after one megabyte", async () => {
    const { emulator } = startTestEmulator();
    let chunks = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        chunks += 1;
        controller.enqueue(new Uint8Array(64 * 1024).fill(32));
      },
    });
    const init = {
      method: "POST",
      body: endless,
      headers: { authorization: `Bearer ${emulator.apiKey.reveal()}` },
      duplex: "half",
    };
    const response = await emulator.fetch(request("/env-groups", init));
    expect([response.status, await response.json()]).toEqual([400, { message: "request body exceeds 1048576 bytes" }]);
    expect(chunks * 64 * 1024).toBeLessThan(2 * OVER_A_MEGABYTE);
  });

  it("refuses a body that is no JSON or not there", async () => {
    const bed = startTestEmulator();
    const { emulator } = bed;
    const headers = { authorization: `Bearer ${emulator.apiKey.reveal()}` };
    const broken = await emulator.fetch(request("/services/srv-1/deploys", { method: "POST", body: "{", headers }));
    expect([broken.status, await broken.json()]).toEqual([400, { message: "request body is not valid JSON" }]);
    expect(await bed.call("POST", "/services/srv-1/deploys")).toMatchObject({
      status: 400,
      body: { message: "a JSON request body is required" },
    });
  });

  it("logs each call with parsed bodies", async () => {
    const bed = startTestEmulator();
    const id = await createGroup(bed);
    bed.emulator.requestLog.drain();
    await bed.call("PUT", `/env-groups/${id}/env-vars/B`, { value: "1" });
    await bed.call("DELETE", `/env-groups/${id}/env-vars/B`);
    await bed.call("GET", `/env-groups/${id}/env-vars/B?x=1`);
    expect(bed.emulator.requestLog.entries).toEqual([
      {
        vendor: "render",
        method: "PUT",
        path: `/v1/env-groups/${id}/env-vars/B`,
        request: { value: "1" },
        status: 200,
        response: expect.objectContaining({ id }) as unknown,
      },
      {
        vendor: "render",
        method: "DELETE",
        path: `/v1/env-groups/${id}/env-vars/B`,
        request: null,
        status: 204,
        response: null,
      },
      {
        vendor: "render",
        method: "GET",
        path: `/v1/env-groups/${id}/env-vars/B?x=1`,
        request: null,
        status: 404,
        response: { message: "environment variable B not found" },
      },
    ]);
  });

  it("refuses to start with a service of an unknown workspace", () => {
    expect(() => startTestEmulator({ owners: [] })).toThrow(/srv-1 belongs to workspace/);
  });

  it("ends every instance when it closes, and answers 503 from then on", async () => {
    const bed = startTestEmulator();
    await bed.call("POST", "/services/srv-1/deploys", {});
    await settled();
    bed.launcher.holds = true;
    await bed.call("POST", "/services/srv-2/deploys", {});
    await settled();
    await bed.emulator.close();
    expect(bed.launcher.launches.map(({ stops, request: { signal } }) => [stops, signal.aborted])).toEqual([
      [1, false],
      [0, true],
    ]);
    expect((await bed.call("GET", "/services")).status).toBe(503);
  });
});

function envVars(value: string): { key: string; value: string }[] {
  return ["BOTH", "SHARED", value].map((key) => ({ key, value }));
}

describe("effectiveEnv", () => {
  it("lets service variables beat groups, and the younger of two groups the older", async () => {
    const bed = startTestEmulator({
      services: [{ id: "srv-1", name: "api", ownerId: OWNER, envVars: { OWN: "service", BOTH: "service" } }],
    });
    const older = await createGroup(bed, { envVars: envVars("OLDER") });
    const younger = await createGroup(bed, { envVars: envVars("YOUNGER") });
    await createGroup(bed, { envVars: envVars("UNLINKED") });
    // The order of linking and of later changes makes no difference.
    await bed.call("POST", `/env-groups/${younger}/services/srv-1`);
    await bed.call("POST", `/env-groups/${older}/services/srv-1`);
    await bed.call("PUT", `/env-groups/${older}/env-vars/SHARED`, { value: "changed last" });
    expect(bed.emulator.effectiveEnv("srv-1")).toEqual({
      OWN: "service",
      BOTH: "service",
      SHARED: "YOUNGER",
      OLDER: "OLDER",
      YOUNGER: "YOUNGER",
    });
  });

  it("refuses a service that does not exist", () => {
    const { emulator } = startTestEmulator();
    expect(() => emulator.effectiveEnv("srv-none")).toThrow("service srv-none not found");
  });
});

describe("services and owners", () => {
  it("lists services by filter and page, with an empty page after the last", async () => {
    const services = ["a", "b", "c"].map((name) => ({ id: `srv-${name}`, name, ownerId: OWNER }));
    const bed = startTestEmulator({ services: [...services, { id: "srv-d", name: "d", ownerId: OTHER_OWNER }] });
    type Item = { service: { id: string }; cursor: string };
    const page = async (query: string): Promise<Item[]> => {
      const { body } = await bed.call<Item[]>("GET", `/services?ownerId=${OWNER}&limit=2${query}`);
      return body;
    };
    const first = await page("");
    const second = await page(`&cursor=${first.at(-1)?.cursor ?? ""}`);
    const third = await page(`&cursor=${second.at(-1)?.cursor ?? ""}`);
    expect([first, second, third].map((items) => items.map(({ service }) => service.id))).toEqual([
      ["srv-a", "srv-b"],
      ["srv-c"],
      [],
    ]);
    expect((await page("&name=a,c")).map(({ service }) => service.id)).toEqual(["srv-a", "srv-c"]);
    expect(await page("&type=cron_job")).toEqual([]);
    for (const [matching, other] of [
      ["env=node", "env=docker"],
      ["region=oregon", "region=frankfurt"],
      ["suspended=not_suspended", "suspended=suspended"],
    ] as const) {
      expect([(await page(`&${matching}`)).length, (await page(`&${other}`)).length]).toEqual([2, 0]);
    }
  });

  it("shows where a service answers", async () => {
    const bed = startTestEmulator();
    Object.assign(bed.launcher, { urlOf: (id: string) => (id === "srv-1" ? "http://127.0.0.1:1" : undefined) });
    expect((await bed.call("GET", "/services/srv-1")).body).toMatchObject({
      serviceDetails: { url: "http://127.0.0.1:1" },
    });
  });

  it("lists owners by name and address", async () => {
    const bed = startTestEmulator();
    expect((await bed.call("GET", "/owners?name=elsewhere")).body).toMatchObject([
      { owner: { id: OTHER_OWNER, type: "team" } },
    ]);
    expect((await bed.call("GET", `/owners?email=${OWNER}@example.com`)).body).toMatchObject([
      { owner: { id: OWNER } },
    ]);
  });

  it("replaces all variables of a service, and pages them to the end", async () => {
    const bed = startTestEmulator();
    await bed.call("PUT", "/services/srv-1/env-vars/OLD", { value: "x" });
    type Item = { envVar: { key: string; value: string }; cursor: string };
    const { body } = await bed.call<Item[]>("PUT", "/services/srv-1/env-vars", [
      { key: "A", value: "1" },
      { key: "B", generateValue: true },
    ]);
    expect(body.map(({ envVar }) => envVar.key)).toEqual(["B", "A"]);
    const after = await bed.call("GET", `/services/srv-1/env-vars?cursor=${body.at(-1)?.cursor ?? ""}`);
    expect(after.body).toEqual([]);
    expect((await bed.call("GET", "/services/srv-1/env-vars/OLD")).status).toBe(404);
    expect((await bed.call("DELETE", "/services/srv-1/env-vars/OLD")).status).toBe(404);
    expect((await bed.call("PUT", "/services/srv-1/env-vars/A", { value: "" })).status).toBe(400);
    expect((await bed.call("GET", "/services/srv-1/env-vars/A")).body).toEqual({ key: "A", value: "1" });
  });
});
