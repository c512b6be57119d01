import { describe, expect, it } from "vitest";

import { cloudflarePackage } from "../../../../src/local/plugins/cloudflare/package.ts";
import { renderPackage } from "../../../../src/local/plugins/render/package.ts";

const world = {
  fetch: () => Promise.reject(new Error("no call is expected")),
  sleep: () => Promise.resolve(),
  readFile: () => Promise.reject(new Error("no file is expected")),
};
const local = {
  CLOUDFLARE_BASE_URL: "http://127.0.0.1:1/client/v4",
  CLOUDFLARE_API_TOKEN: "t".repeat(8),
  RENDER_HOST: "http://127.0.0.1:2/v1",
  RENDER_API_KEY: "k".repeat(8),
  RENDER_OWNER_ID: "tea-1",
};

describe("the local packages", () => {
  it("know the types that kvshift uses", () => {
    expect(Object.keys(cloudflarePackage({ ...world, env: local }).resources)).toEqual([
      "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
      "cloudflare:index/accountToken:AccountToken",
      "cloudflare:index/worker:Worker",
      "cloudflare:index/workerVersion:WorkerVersion",
      "cloudflare:index/workersDeployment:WorkersDeployment",
    ]);
    expect(Object.keys(renderPackage({ ...world, env: local }).resources)).toEqual([
      "render:index/envGroup:EnvGroup",
      "render:index/envGroupLink:EnvGroupLink",
    ]);
  });

  it("refuse the vendors themselves", () => {
    const cloudflare = { ...local, CLOUDFLARE_BASE_URL: "https://api.cloudflare.com/client/v4" };
    const render = { ...local, RENDER_HOST: "https://api.render.com/v1" };
    expect(() => cloudflarePackage({ ...world, env: cloudflare })).toThrow("CLOUDFLARE_BASE_URL points at");
    expect(() => renderPackage({ ...world, env: render })).toThrow("RENDER_HOST points at api.render.com");
  });

  it.each(["RENDER_API_KEY", "RENDER_OWNER_ID"])("name %s where it is missing", (name) => {
    expect(() => renderPackage({ ...world, env: { ...local, [name]: undefined } })).toThrow(`${name} is not set`);
  });
});
