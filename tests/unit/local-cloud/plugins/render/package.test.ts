import { describe, expect, it } from "vitest";

import { renderPackage } from "../../../../../local-cloud/plugins/render/package.ts";

const world = {
  fetch: () => Promise.reject(new Error("no call is expected")),
  sleep: () => Promise.resolve(),
};
const env = { RENDER_HOST: "http://127.0.0.1:2/v1", RENDER_API_KEY: "k".repeat(8), RENDER_OWNER_ID: "tea-1" };

describe("the local package of Render", () => {
  it("knows the types that kvshift uses", () => {
    expect(Object.keys(renderPackage({ ...world, env }).resources)).toEqual([
      "render:index/envGroup:EnvGroup",
      "render:index/envGroupLink:EnvGroupLink",
    ]);
  });

  it("refuses Render itself", () => {
    const vendor = { ...env, RENDER_HOST: "https://api.render.com/v1" };
    expect(() => renderPackage({ ...world, env: vendor })).toThrow("RENDER_HOST points at api.render.com");
  });

  it.each(["RENDER_HOST", "RENDER_API_KEY", "RENDER_OWNER_ID"])("names %s where it is missing", (name) => {
    expect(() => renderPackage({ ...world, env: { ...env, [name]: undefined } })).toThrow(`${name} is not set`);
  });
});
