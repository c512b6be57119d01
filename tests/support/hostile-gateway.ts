import { expect } from "vitest";

import type { NamespaceConfig } from "../../src/gateway/config.ts";
import { credentialOf, GATEWAY_CONFIG, namespacePath } from "../../testbed/gateway-fixture.ts";
import { type GatewayInWorkerd, startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { type RawRequest, sendRaw } from "./raw-http.ts";

export const AUTHORIZATION = { authorization: `Bearer ${credentialOf("dev-application-a1")}` };
/** What hostile requests carry: no refusal and no line of the log may hold it. */
export const MARK = "hostile-mark";
const CANARY = "canary";

export interface Outcome {
  readonly status: number;
  readonly code: number | undefined;
}

export interface Hostile extends AsyncDisposable {
  readonly url: string;
  /** Sends these very bytes, and fails where the answer is a crash, no envelope, or tells what was sent. */
  send(this: void, request: RawRequest): Promise<Outcome>;
  /** Whatever came before, reads and writes work, nothing was logged as a failure, and nothing that was sent leaked. */
  assertSound(this: void, namespace: NamespaceConfig): Promise<void>;
}

export async function openHostile(): Promise<Hostile> {
  const gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  const { url } = gateway;
  const send = async (request: RawRequest): Promise<Outcome> => {
    const { status, body } = await sendRaw(url, { ...request, headers: { ...AUTHORIZATION, ...request.headers } });
    return outcomeOf(status, body);
  };
  let writes = 0;
  return {
    url,
    send,
    assertSound: async (namespace) => {
      writes += 1;
      const target = `${namespacePath(namespace.id)}/values/${CANARY}`;
      const body = `alive ${writes}`;
      expect(await send({ method: "PUT", target, body })).toEqual({ status: 200, code: undefined });
      expect((await sendRaw(url, { method: "GET", target, headers: AUTHORIZATION })).body).toBe(body);
      expect(trouble(gateway)).toEqual([]);
    },
    [Symbol.asyncDispose]: () => gateway.miniflare.dispose(),
  };
}

export function outcomeOf(status: number, body: string): Outcome {
  if (status === 200) return { status, code: undefined };
  expect({ status, body }).toEqual({
    status: expect.toSatisfy((it) => it >= 400 && it < 500),
    body: expect.any(String),
  });
  expect(body).not.toContain(MARK);
  const envelope = JSON.parse(body) as { success: boolean; errors: { code: number }[]; result: unknown };
  expect(envelope).toMatchObject({ success: false, result: null });
  return { status, code: envelope.errors[0]?.code };
}

/** Lines of the log that say that the gateway failed, or that hold what was sent. */
function trouble({ log }: GatewayInWorkerd): string[] {
  return log.filter((line) => line.includes('"failed"') || line.includes(MARK) || line.includes("xxxxxxxx"));
}
