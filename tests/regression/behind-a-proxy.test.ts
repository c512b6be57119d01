import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { jsonOf } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** Nobody listens there. */
const DEAD = "http://127.0.0.1:9";
const CHECKS = ["Cloudflare token", "Render key"];

let stage: LocalStage;
let proxy: Server;
/** The hosts that the proxy was asked for. */
const asked: string[] = [];

/** A proxy that knows two vendors by names which nobody else resolves. Every client of ours asks it for a tunnel. */
function startProxy(targets: Readonly<Record<string, string>>): Promise<Server> {
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connect", ({ url = "" }: IncomingMessage, client: Socket) => {
    const [host = ""] = url.split(":");
    asked.push(host);
    const { hostname, port } = new URL(targets[host] ?? "http://127.0.0.1:9");
    const vendor = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      vendor.pipe(client);
      client.pipe(vendor);
    });
    for (const [one, other] of [
      [vendor, client],
      [client, vendor],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve(server);
    });
  });
}

beforeAll(async () => {
  stage = await createLocalStage();
  proxy = await startProxy({ "cloudflare.test": stage.cloud.cloudflare.url, "render.test": stage.cloud.render.url });
});
afterAll(async () => {
  proxy.close();
  await stage[Symbol.asyncDispose]();
});

function throughProxy(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { port } = proxy.address() as AddressInfo;
  return {
    ...stage.env,
    CLOUDFLARE_BASE_URL: "http://cloudflare.test/client/v4",
    RENDER_HOST: "http://render.test/v1",
    HTTP_PROXY: `http://127.0.0.1:${String(port)}`,
    ...more,
  };
}

async function doctor(env: Readonly<Record<string, string>>) {
  const finished = await stage.kvshiftWith(env, "doctor", "--stack", "dev", "--json");
  const { checks } = jsonOf(finished) as { checks: { name: string; ok: boolean; found: string }[] };
  return Object.fromEntries(checks.map(({ name, ok, found }) => [name, { ok, found }]));
}

// The engine's own connection to this machine went through the proxy, and every command failed; our calls to the vendors
// did not, as those of Go programs do.
describe("where the environment names proxies", () => {
  it.each(["http_proxy", "https_proxy", "grpc_proxy", "HTTPS_PROXY"])(
    "this machine is reached without %s",
    async (name) => {
      const env = { ...stage.env, [name]: DEAD };
      const { code, stderr } = await stage.kvshiftWith(env, "preview", "--stack", "dev");
      expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    },
  );

  it("the vendors are reached through them, and `doctor` shows which", async () => {
    asked.length = 0;
    const checks = await doctor(throughProxy());
    expect(CHECKS.map((name) => checks[name]?.ok)).toEqual([true, true]);
    expect(new Set(asked)).toEqual(new Set(["cloudflare.test", "render.test"]));
    expect(checks["Proxies"]?.found).toMatch(
      /^HTTP_PROXY http:\/\/127\.0\.0\.1:\d+; not for localhost, 127\.0\.0\.1, ::1$/,
    );
  });

  it("hosts that are excepted are not, however that is spelt", async () => {
    asked.length = 0;
    const checks = await doctor(throughProxy({ NO_PROXY: "elsewhere.test , cloudflare.test" }));
    expect(CHECKS.map((name) => checks[name]?.ok)).toEqual([false, true]);
    expect(new Set(asked)).toEqual(new Set(["render.test"]));
  });

  it("a proxy that is no URL is refused by name", async () => {
    const { code, stderr } = await stage.kvshiftWith({ ...stage.env, HTTPS_PROXY: "proxy:3128" }, "doctor");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("HTTPS_PROXY is no URL of a proxy.") as string,
    });
  });
});
