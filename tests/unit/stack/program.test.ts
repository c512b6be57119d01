import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { buildEnvironment } from "../../../src/stack/program.ts";
import { resolved, runWithMocks } from "../../support/pulumi-mocks.ts";
import { changed, developmentValues, NOW } from "../config/valid-configuration.ts";
import { bundle, ofType, only, VENDORS } from "./vendors.ts";

const clock = { now: () => NOW };

beforeEach(() => {
  vi.stubEnv("CLOUDFLARE_BASE_URL", undefined);
  vi.stubEnv("RENDER_OWNER_ID", undefined);
  vi.stubEnv("KVSHIFT_LOCAL_WORKERS_URL", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** The stack's configuration as Pulumi keeps it. */
function pulumiConfig(values: Record<string, unknown>): Record<string, string> {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`kvshift:${key}`, text(value)]));
}

const run = (values = developmentValues(), stack = "dev") =>
  runWithMocks(() => buildEnvironment({ clock, bundle }), { ...VENDORS, stack, config: pulumiConfig(values) });

describe("buildEnvironment", () => {
  it("builds the environment that the stack's configuration describes", async () => {
    const { resources } = await run();
    expect(ofType(resources, "namespace").map(({ inputs }) => inputs["title"])).toEqual([
      "brainbot-dev-cache",
      "brainbot-dev-sessions",
    ]);
    expect(only(resources, "group").inputs["name"]).toBe("brainbot-dev-cloudflare-kv");
  });

  it("takes the name of the environment from the stack", async () => {
    const { resources } = await run(developmentValues(), "staging");
    expect(only(resources, "group").inputs["name"]).toBe("brainbot-staging-cloudflare-kv");
  });

  it("builds the same resources each time it is called: the engine deletes what is not built", async () => {
    const [first, second] = [await run(), await run()];
    expect(second.resources).toEqual(first.resources);
    expect(second.resources).toHaveLength(10);
  });

  it("sends the application where CLOUDFLARE_BASE_URL sends the provider", async () => {
    vi.stubEnv("CLOUDFLARE_BASE_URL", "http://127.0.0.1:4001/client/v4");
    const { result } = await run();
    const { value } = await resolved(result.variables);
    expect(value).toMatchObject({ CLOUDFLARE_KV_API_URL: "http://127.0.0.1:4001/client/v4" });
  });

  it("sends the application to the local cloud's Workers where KVSHIFT_LOCAL_WORKERS_URL says so", async () => {
    vi.stubEnv("CLOUDFLARE_BASE_URL", "http://127.0.0.1:4001/client/v4");
    vi.stubEnv("KVSHIFT_LOCAL_WORKERS_URL", "http://127.0.0.1:4321");
    const values = changed(developmentValues(), { access: "gateway", "cloudflare.workersSubdomain": "brainbot" });
    const { result } = await run(values);
    const { value } = await resolved(result.variables);
    expect(value).toMatchObject({ CLOUDFLARE_KV_API_URL: "http://127.0.0.1:4321/brainbot-dev-gateway/client/v4" });
  });

  it("refuses a configuration with problems before anything is registered", async () => {
    await expect(run(changed(developmentValues(), { phase: "half" }))).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });

  it("refuses another workspace than the file's", async () => {
    vi.stubEnv("RENDER_OWNER_ID", "tea-x0000000000000000009");
    await expect(run()).rejects.toMatchObject({ code: "WORKSPACE_DIFFERS" });
  });
});

describe("index.ts", () => {
  it("exports every output of the stack by name, and nothing else", async () => {
    const config = pulumiConfig(developmentValues());
    const { result: built } = await runWithMocks(() => buildEnvironment({ clock }), { ...VENDORS, config });
    // The entry reads the real clock: the tokens of this configuration never expire.
    const { result: imported } = await runWithMocks(() => import("../../../index.ts"), { ...VENDORS, config });
    const entry = await imported;
    expect(Object.keys(entry).toSorted()).toEqual(Object.keys(built).toSorted());
    expect(Object.keys(entry)).toContain("secretVariables");
  });
});
