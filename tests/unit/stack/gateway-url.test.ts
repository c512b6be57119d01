import { describe, expect, it } from "vitest";

import { gatewayUrl, localWorkersUrl } from "../../../src/stack/gateway-url.ts";
import { behindGateway, development } from "./vendors.ts";

const LOCAL = { CLOUDFLARE_BASE_URL: "http://127.0.0.1:4001/client/v4" };

describe("gatewayUrl", () => {
  it("is under workers.dev", () => {
    expect(gatewayUrl("dev", behindGateway(), undefined)).toBe("https://brainbot-dev-gateway.brainbot.workers.dev");
  });

  it("is the host name where there is one", () => {
    const named = { "cloudflare.hostname": "kv.example.com", "cloudflare.zoneId": "0d3a".repeat(8) };
    expect(gatewayUrl("dev", behindGateway(named), undefined)).toBe("https://kv.example.com");
  });

  it("is below the Worker's name on the local cloud", () => {
    expect(gatewayUrl("dev", behindGateway(), "http://127.0.0.1:4321")).toBe(
      "http://127.0.0.1:4321/brainbot-dev-gateway",
    );
  });

  it("is not made up where the file says none", () => {
    expect(() => gatewayUrl("dev", development(), undefined)).toThrow("the gateway has no address");
  });
});

describe("localWorkersUrl", () => {
  it.each([{}, { KVSHIFT_LOCAL_WORKERS_URL: "" }])("is nothing with %j", (env) => {
    expect(localWorkersUrl(env)).toBeUndefined();
  });

  it.each(["http://127.0.0.1:4321", "http://127.0.0.1:4321/", "http://127.0.0.1:4321//"])(
    "is %s without a slash",
    (url) => {
      expect(localWorkersUrl({ ...LOCAL, KVSHIFT_LOCAL_WORKERS_URL: url })).toBe("http://127.0.0.1:4321");
    },
  );

  it.each([
    ["another machine", { ...LOCAL, KVSHIFT_LOCAL_WORKERS_URL: "http://10.0.0.1:4321" }],
    ["no URL", { ...LOCAL, KVSHIFT_LOCAL_WORKERS_URL: "127.0.0.1:4321" }],
    ["the real Cloudflare beside it", { KVSHIFT_LOCAL_WORKERS_URL: "http://127.0.0.1:4321" }],
  ])("refuses %s: real services would be sent to this machine", (_title, env) => {
    expect(() => localWorkersUrl(env)).toThrow(expect.objectContaining({ code: "LOCAL_WORKERS_REFUSED" }));
  });
});
