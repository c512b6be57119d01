import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { credentialOf, GATEWAY_CONFIG, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import { type GatewayInWorkerd, startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";

const ENTRY = fileURLToPath(new URL("../support/worker-entries/shard-clock.ts", import.meta.url));
const NAMESPACE = namespacePath(STRONG.id);
const ATOMIC = `/kvshift/v1/namespaces/${STRONG.id}/atomic`;
const START = Date.parse("2026-11-23T00:00:00.250Z");

let gateway: GatewayInWorkerd;

beforeAll(async () => {
  gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG, entry: ENTRY });
});

afterAll(() => gateway.miniflare.dispose());

beforeEach(() => setClock(START));

async function setClock(at: number): Promise<void> {
  await call("POST", `/clock?at=${at}`);
}

async function call(method: string, path: string, body?: string) {
  const headers = { authorization: `Bearer ${credentialOf("dev-application-a1")}` };
  const response = await fetch(gateway.url + path, { method, headers, body: body ?? null });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function resultOf(method: string, path: string, body: object): Promise<unknown> {
  const { text } = await call(method, path, JSON.stringify(body));
  return (JSON.parse(text) as { result: unknown }).result;
}

/** What every way of reading says of a key. */
async function seen(key: string) {
  const value = await call("GET", `${NAMESPACE}/values/${key}`);
  const metadata = await call("GET", `${NAMESPACE}/metadata/${key}`);
  const list = await call("GET", `${NAMESPACE}/keys?prefix=${key}`);
  const bulk = (await resultOf("POST", `${NAMESPACE}/bulk/get`, { keys: [key] })) as { values: object };
  return {
    value: value.status,
    metadata: metadata.status,
    listed: (JSON.parse(list.text) as { result: { name: string }[] }).result.map(({ name }) => name),
    inBulk: Object.values(bulk.values),
  };
}

const alive = (key: string) => ({ value: 200, metadata: 200, listed: [key], inBulk: ["value"] });
const GONE = { value: 404, metadata: 404, listed: [], inBulk: [null] };

describe("a lifetime of one second, over HTTP", () => {
  it("lasts to its last millisecond, however the pair was written and is read", async () => {
    await call("PUT", `${NAMESPACE}/values/put?expiration_ttl=1`, "value");
    await resultOf("PUT", `${NAMESPACE}/bulk`, [{ key: "bulk", value: "value", expiration_ttl: 1 }]);
    const fields = { operation_id: "operation-1", key: "absent", value: "value", expiration_ttl: 1 };
    await resultOf("POST", ATOMIC, { operation: "put-if-absent", ...fields });
    for (const key of ["put", "bulk", "absent"]) {
      await setClock(START + 999);
      expect(await seen(key)).toEqual(alive(key));
      await setClock(START + 1000);
      expect(await seen(key)).toEqual(GONE);
    }
  });

  it("is told as the first second in which the pair is gone", async () => {
    await call("PUT", `${NAMESPACE}/values/told?expiration_ttl=1`, "value");
    const { headers } = await call("GET", `${NAMESPACE}/values/told`);
    expect(headers.get("expiration")).toBe(String(Math.ceil((START + 1000) / 1000)));
  });

  it("begins anew with a touch", async () => {
    await call("PUT", `${NAMESPACE}/values/touched?expiration_ttl=1`, "value");
    await setClock(START + 999);
    const touch = { operation: "touch", operation_id: "operation-2", key: "touched", expiration_ttl: 1 };
    expect(await resultOf("POST", ATOMIC, touch)).toMatchObject({ applied: true });
    await setClock(START + 1998);
    expect(await seen("touched")).toEqual(alive("touched"));
    await setClock(START + 1999);
    expect(await seen("touched")).toEqual(GONE);
  });

  it("frees a lock for the next one in the millisecond in which it ends", async () => {
    const lock = (id: string) =>
      resultOf("POST", ATOMIC, {
        operation: "put-if-absent",
        operation_id: `operation-${id}`,
        key: "lock",
        value: id,
        expiration_ttl: 1,
      });
    expect(await lock("first")).toMatchObject({ applied: true });
    await setClock(START + 999);
    expect(await lock("second")).toMatchObject({ applied: false });
    await setClock(START + 1000);
    expect(await lock("third")).toMatchObject({ applied: true });
  });
});
