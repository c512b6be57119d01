import type { KvBinding } from "../../../src/core/kv-binding.ts";
import { credentialOf, GATEWAY_CONFIG, STRONG } from "../../../testbed/gateway-fixture.ts";
import { createMemoryGateway } from "../../support/gateway-in-memory.ts";
import { ManualClock, START } from "../local-cloud/cloudflare/emulated-cloudflare.ts";

interface Answer {
  readonly status: number;
  readonly code: number | undefined;
  readonly message: string | undefined;
  readonly result: Record<string, unknown> | null;
}

/** The gateway in memory, asked by what is its own beside Cloudflare's protocol. */
export function openOwnProtocol() {
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
