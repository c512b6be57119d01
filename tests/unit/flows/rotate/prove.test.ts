import { describe, expect, it } from "vitest";

import { proveNew, proveRevoked } from "../../../../src/flows/rotate/prove.ts";
import { stageOf } from "../../../../src/flows/rotate/stages.ts";
import { waiting } from "../../../../src/flows/environment/wait.ts";
import type { KvAccess } from "../../../../src/vendors/kv-access.ts";
import { baseConfig } from "./rotation-config.ts";

const STAGE = stageOf("dev", baseConfig().credentials, "application");
const TARGET = {
  access: "gateway",
  accountId: "acc",
  namespaces: { cache: "id-1", sessions: "id-2" },
  isBound: false,
  probeKey: "probe",
} as const;

function bed(kv: Partial<KvAccess> = {}) {
  let now = 0;
  const clock = { now: () => now };
  const sleep = async (ms: number) => {
    now += ms;
  };
  const calls: string[] = [];
  const access: KvAccess = {
    verify: async () => 200,
    probe: async (id) => {
      calls.push(id);
      return undefined;
    },
    write: () => Promise.reject(new Error("not asked")),
    read: async () => 404,
    usage: () => Promise.reject(new Error("not asked")),
    ...kv,
  };
  return { access, calls, wait: waiting({ clock, signal: new AbortController().signal, scale: 1, sleep }), clock };
}

describe("the proof of a new credential", () => {
  it("tries it in each of its namespaces, and where it has to be refused", async () => {
    const { access, calls, wait } = bed();
    expect(await proveNew(STAGE, access, TARGET, wait)).toMatchObject({ credential: STAGE.nextId, proved: true });
    expect(calls).toEqual(["id-1", "id-2"]);
  });

  it("waits until it is known everywhere, a minute at most", async () => {
    let tries = 0;
    const { access, wait } = bed({ verify: async () => ((tries += 1) > 3 ? 200 : 401) });
    expect((await proveNew(STAGE, access, TARGET, wait)).proved).toBe(true);
    const never = bed({ verify: async () => 401 });
    await expect(proveNew(STAGE, never.access, TARGET, never.wait)).rejects.toMatchObject({ code: "ROTATION_BLOCKED" });
    expect(never.clock.now()).toBe(60_000);
  });

  it("says that it cannot be tried from here where it is bound to addresses, and is refused", async () => {
    const { access, wait } = bed({ verify: async () => 403 });
    expect(await proveNew(STAGE, access, { ...TARGET, isBound: true }, wait)).toMatchObject({ proved: false });
    // Without an answer nothing is known, bound or not.
    const away = bed({ verify: async () => undefined });
    await expect(proveNew(STAGE, away.access, { ...TARGET, isBound: true }, away.wait)).rejects.toMatchObject({
      code: "ROTATION_BLOCKED",
    });
  });

  it("fails where it does not write, or opens what it should not", async () => {
    const dumb = bed({ probe: async (id) => (id === "id-2" ? "PUT …: answered 404" : undefined) });
    await expect(proveNew(STAGE, dumb.access, TARGET, dumb.wait)).rejects.toMatchObject({
      details: ["namespace sessions: PUT …: answered 404"],
    });
    const open = bed({ read: async () => 200 });
    await expect(proveNew(STAGE, open.access, TARGET, open.wait)).rejects.toMatchObject({
      details: [expect.stringContaining("it opens what it should not")],
    });
  });
});

describe("the proof that a credential ended", () => {
  it("is a refusal, and nothing else is", async () => {
    const gone = bed({ verify: async () => 401 });
    expect(await proveRevoked(STAGE, gone.access, gone.wait)).toMatchObject({ proved: true, credential: STAGE.oldId });
    for (const status of [200, 404, 500, undefined]) {
      const alive = bed({ verify: async () => status });
      await expect(proveRevoked(STAGE, alive.access, alive.wait)).rejects.toMatchObject({ code: "ROTATION_BLOCKED" });
    }
  });

  it("is not claimed where nobody knows the secret any more", async () => {
    expect(await proveRevoked(STAGE, undefined, bed().wait)).toMatchObject({ proved: false });
  });
});
