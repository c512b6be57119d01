import { describe, expect, test } from "vitest";

import { credentialOf, EVENTUAL, GATEWAY_CONFIG, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { beginRaw, sendRaw } from "../support/raw-http.ts";

const MEBIBYTE = 1024 * 1024;
const headers = { authorization: `Bearer ${credentialOf("dev-application-a1")}` };

describe.each([STRONG, EVENTUAL])("a value of a namespace that is $consistency", (namespace) => {
  // A length beside chunks means nothing, and was believed: a strong namespace took values of up to 32 MiB, and as much
  // as a request may have was held in memory.
  test("is refused above 25 MiB where it comes in chunks with another length beside them", async () => {
    await using gateway = await startGatewayInWorkerd({ config: { ...GATEWAY_CONFIG, namespaces: [namespace] } });
    const target = `${namespacePath(namespace.id)}/values/large`;
    const value = Buffer.alloc(28 * MEBIBYTE, "v");
    const chunk = Buffer.concat([Buffer.from(`${value.length.toString(16)}\r\n`), value, Buffer.from("\r\n0\r\n\r\n")]);
    const framing = { "transfer-encoding": "chunked", "content-length": "5" };
    const { status } = await sendRaw(gateway.url, {
      method: "PUT",
      target,
      headers: { ...headers, ...framing },
      body: chunk,
    });
    expect(status).toBe(413);
    expect((await fetch(gateway.url + target, { headers })).status).toBe(404);
  });

  // Handed to the binding of Workers KV as a stream, what had come so far would be stored (seen with Miniflare's KV).
  test("stays what it was where a new one of many MiB breaks off", async () => {
    await using gateway = await startGatewayInWorkerd({ config: { ...GATEWAY_CONFIG, namespaces: [namespace] } });
    const target = `${namespacePath(namespace.id)}/values/large`;
    await fetch(gateway.url + target, { method: "PUT", headers, body: "before" });
    const { socket, answer } = await beginRaw(gateway.url, {
      method: "PUT",
      target,
      headers: { ...headers, "content-length": String(24 * MEBIBYTE) },
      body: "v".repeat(4 * MEBIBYTE),
    });
    socket.destroy();
    await answer;
    expect(await (await fetch(gateway.url + target, { headers })).text()).toBe("before");
  });
});
