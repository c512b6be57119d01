import { describe, expect, it, vi } from "vitest";

import { EVENTUAL, GATEWAY_CONFIG, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import type { KvBinding } from "../../src/core/kv-binding.ts";
import { callerOf, createMemoryGateway } from "../support/gateway-in-memory.ts";
import { ManualClock, START } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";

const DEPTH = 100_000;
const DEEP = "[".repeat(DEPTH) + "]".repeat(DEPTH);

function gateway() {
  const kv = { getWithMetadata: async () => new Map([["k", { value: DEEP, metadata: null }]]) } as unknown as KvBinding;
  const clock = new ManualClock(START);
  const call = callerOf(createMemoryGateway({ config: GATEWAY_CONFIG, clock, kvOf: () => kv }));
  return async (method: string, path: string, body: string) => {
    const response = await call(method, path, body);
    return { status: response.status, body: await response.text() };
  };
}

// Metadata nested five million deep held the isolate for 35 s before it was refused.
describe("JSON that nests very deeply", () => {
  it.each([
    ["PUT", `${namespacePath(STRONG.id)}/bulk`, `[{"key":"k","value":"v","metadata":${DEEP}}]`],
    ["PUT", `${namespacePath(STRONG.id)}/bulk`, DEEP],
    ["POST", `${namespacePath(STRONG.id)}/bulk/delete`, `[${DEEP}]`],
    ["POST", `${namespacePath(STRONG.id)}/bulk/get`, `{"keys":["k"],"x":${DEEP}}`],
    ["POST", `/kvshift/v1/namespaces/${STRONG.id}/atomic`, `{"metadata":${DEEP}}`],
    ["POST", "/kvshift/v1/parity", `{"client":${"[".repeat(20_000)}`],
  ])("is refused in a body of %s %s before any of it is parsed", async (method, path, body) => {
    const send = gateway();
    const parse = vi.spyOn(JSON, "parse");
    const answer = await send(method, path, body);
    const parsed = parse.mock.calls.filter(([text]) => text.length > 10_000);
    parse.mockRestore();
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("nests too deeply") });
    expect(parsed).toEqual([]);
  });

  it("is refused as a value that is to be answered as JSON, and answered as text", async () => {
    const send = gateway();
    const path = `${namespacePath(EVENTUAL.id)}/bulk/get`;
    expect(await send("POST", path, '{"keys":["k"],"type":"json"}')).toMatchObject({ status: 400 });
    expect((await send("POST", path, '{"keys":["k"]}')).status).toBe(200);
  });

  it("is refused as metadata that is large before it is written out", async () => {
    const send = gateway();
    const metadata = JSON.stringify(Array(2000).fill(Array(1000).fill(0)));
    const write = vi.spyOn(JSON, "stringify");
    const body = `[{"key":"k","value":"v","metadata":${metadata}}]`;
    expect((await send("PUT", `${namespacePath(STRONG.id)}/bulk`, body)).status).toBe(413);
    expect(write.mock.results.filter(({ value }) => String(value).length > 10_000)).toEqual([]);
    write.mockRestore();
  });
});
