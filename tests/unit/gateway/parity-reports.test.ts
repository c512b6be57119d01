import { describe, expect, test } from "vitest";

import type { KvBinding } from "../../../src/gateway/kv-binding.ts";
import { credentialOf, GATEWAY_CONFIG, STRONG } from "../../../testbed/gateway-fixture.ts";
import { createMemoryGateway } from "../../support/gateway-in-memory.ts";
import { ManualClock, START } from "../local-cloud/cloudflare/emulated-cloudflare.ts";

interface Answer {
  readonly status: number;
  readonly code: number | undefined;
  readonly message: string | undefined;
  readonly result: Record<string, unknown> | null;
}

function open() {
  const clock = new ManualClock(START);
  const gateway = createMemoryGateway({ config: GATEWAY_CONFIG, clock, kvOf: () => ({}) as KvBinding });
  let operations = 0;
  const post = async (path: string, body: unknown, credential = "dev-application-a1"): Promise<Answer> => {
    const headers = { authorization: `Bearer ${credentialOf(credential)}` };
    const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    const response = await gateway.fetch(new Request(`https://gateway.example/kvshift/v1${path}`, init));
    const { errors, result } = (await response.json()) as {
      errors: { code: number; message: string }[];
      result: Answer["result"];
    };
    return { status: response.status, code: errors[0]?.code, message: errors[0]?.message, result };
  };
  const atomic = async (operation: string, fields: object = {}, namespace = STRONG.id): Promise<Answer> => {
    operations += 1;
    const body = { operation, operation_id: `operation-${String(operations)}`, key: "lock", ...fields };
    return post(`/namespaces/${namespace}/atomic`, body);
  };
  return { clock, post, atomic };
}

describe("evidence", () => {
  const REPORT = { client: "srv-1/a", namespace: STRONG.name, sequence: 1, compared: 9, different: 1, missing: 0 };

  test("of parity is taken from applications and read by the operator only", async () => {
    const { post } = open();
    expect((await post("/parity", REPORT)).status).toBe(200);
    expect(await post("/parity", undefined)).toMatchObject({ status: 404, code: 10013 });
    const { result } = await post("/parity", undefined, "dev-operator-a1");
    expect(JSON.stringify(result)).toContain('"compared":9');
  });

  test("of use names each credential and client, to the operator only", async () => {
    const { post, atomic } = open();
    await atomic("increment");
    expect(await post("/usage", undefined)).toMatchObject({ status: 404, code: 10013 });
    const { result } = await post("/usage", undefined, "dev-operator-a1");
    expect(JSON.stringify(result)).toContain("dev-application-a1");
  });

  test.each([
    { ...REPORT, sequence: -1 },
    { ...REPORT, compared: 0.5 },
    { ...REPORT, client: "a client" },
    { ...REPORT, client: "c".repeat(129) },
    { ...REPORT, namespace: 1 },
    [],
  ])("of parity is refused as %j", async (report) => {
    expect(await open().post("/parity", report)).toMatchObject({ status: 400, result: null });
  });
});
