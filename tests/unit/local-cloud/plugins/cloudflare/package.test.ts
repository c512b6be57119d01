import { describe, expect, it } from "vitest";

import { cloudflarePackage } from "../../../../../local-cloud/plugins/cloudflare/package.ts";

const world = {
  fetch: () => Promise.reject(new Error("no call is expected")),
  sleep: () => Promise.resolve(),
  readFile: () => Promise.reject(new Error("no file is expected")),
};
const env = { CLOUDFLARE_BASE_URL: "http://127.0.0.1:1/client/v4", CLOUDFLARE_API_TOKEN: "t".repeat(8) };

describe("the local package of Cloudflare", () => {
  it("knows the types and the function that kvshift uses", () => {
    const { resources, functions } = cloudflarePackage({ ...world, env });
    expect(Object.keys(resources)).toEqual([
      "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
      "cloudflare:index/accountToken:AccountToken",
      "cloudflare:index/worker:Worker",
      "cloudflare:index/workerVersion:WorkerVersion",
      "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
      "cloudflare:index/workersDeployment:WorkersDeployment",
    ]);
    expect(Object.keys(functions)).toEqual([
      "cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList",
    ]);
  });

  it("refuses Cloudflare itself", () => {
    const vendor = { ...env, CLOUDFLARE_BASE_URL: "https://api.cloudflare.com/client/v4" };
    expect(() => cloudflarePackage({ ...world, env: vendor })).toThrow(
      "CLOUDFLARE_BASE_URL points at api.cloudflare.com",
    );
  });

  it("names a token that is missing", () => {
    const incomplete = { ...env, CLOUDFLARE_API_TOKEN: "" };
    expect(() => cloudflarePackage({ ...world, env: incomplete })).toThrow("CLOUDFLARE_API_TOKEN is not set");
  });
});
