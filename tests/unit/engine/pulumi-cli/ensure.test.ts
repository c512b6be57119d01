import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { ProgressEvent } from "../../../../src/core/events.ts";
import { ensureCli } from "../../../../src/engine/pulumi-cli/ensure.ts";
import { BUILT_VERSION } from "../../../../src/engine/pulumi-cli/versions.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { goThatBuilds, pulumiOfVersion, writeExecutable } from "./fake-executable.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** A machine without internet, whose PATH holds only what the test puts there. */
async function machine() {
  const folder = await tempDir();
  const tools = join(folder, "tools");
  const cache = join(folder, "cache");
  vi.stubEnv("PATH", tools);
  const fetch = vi.fn<() => Promise<Response>>().mockRejectedValue(new TypeError("fetch failed"));
  vi.stubGlobal("fetch", fetch);
  const events: ProgressEvent[] = [];
  const ensure = (more: { readonly answersWithinMs?: number } = {}) =>
    ensureCli({
      ...more,
      env: { PATH: tools, KVSHIFT_CACHE_DIR: cache },
      buildSource: folder,
      emit: (event) => void events.push(event),
    });
  const root = join(cache, "pulumi", `v${BUILT_VERSION.version}`);
  return { folder, tools, root, cached: join(root, "bin", "pulumi"), events, fetch, ensure };
}

const noted = (events: readonly ProgressEvent[]) =>
  events.map((event) => ("step" in event ? `${event.type} ${event.step}` : "text" in event ? event.text : event.type));

describe("ensureCli", () => {
  it("takes the CLI on PATH, silently and without a look at the network", async () => {
    const { tools, cached, events, fetch, ensure } = await machine();
    await writeExecutable(join(tools, "pulumi"), pulumiOfVersion("v3.300.1"));
    await writeExecutable(cached, pulumiOfVersion("v3.259.0"));
    expect(await ensure()).toMatchObject({ command: "pulumi", version: { version: "3.300.1" } });
    expect(events).toEqual([]);
    expect(fetch).not.toHaveBeenCalled();
  });

  it("is looked for once by a process", async () => {
    const { tools, folder, ensure } = await machine();
    const calls = join(folder, "calls");
    await writeExecutable(join(tools, "pulumi"), `echo called >> '${calls}'`, pulumiOfVersion("v3.300.1"));
    const command = await ensure();
    const before = await readFile(calls, "utf8");
    expect(await ensure()).toBe(command);
    expect(await readFile(calls, "utf8")).toBe(before);
  });

  it("passes over a CLI on PATH that hangs, and says so", async () => {
    const { tools, cached, events, ensure } = await machine();
    await writeExecutable(join(tools, "pulumi"), "read never");
    await writeExecutable(cached, pulumiOfVersion("v3.259.0"));
    expect((await ensure({ answersWithinMs: 200 })).command).toBe(cached);
    expect(noted(events)).toEqual(["pulumi on PATH says nothing for 0.2 s: passed over"]);
  });

  it.each([
    ["v3.248.0", "pulumi on PATH is too old (3.248.0): passed over"],
    ["", "pulumi on PATH names no version: passed over"],
  ])("passes over a CLI on PATH of version '%s', says so, and takes the cached one", async (version, warning) => {
    const { tools, cached, events, fetch, ensure } = await machine();
    await writeExecutable(join(tools, "pulumi"), pulumiOfVersion(version));
    await writeExecutable(cached, pulumiOfVersion("v3.259.0"));
    expect((await ensure()).command).toBe(cached);
    expect(noted(events)).toEqual([warning]);
    expect(fetch).not.toHaveBeenCalled();
  });

  it("passes over a CLI on PATH that cannot run", async () => {
    const { tools, cached, ensure } = await machine();
    await writeExecutable(join(tools, "pulumi"), "exit 1");
    await writeExecutable(cached, pulumiOfVersion("v3.259.0"));
    expect((await ensure()).command).toBe(cached);
  });

  it("asks Pulumi's installer before it builds, and installs the pinned version into the cache", async () => {
    const { root, cached, events, ensure } = await machine();
    vi.stubGlobal("fetch", () => Promise.resolve(new Response()));
    const install = vi.spyOn(PulumiCommand, "install").mockImplementation(async () => {
      await writeExecutable(cached, pulumiOfVersion("v3.259.0"));
      return PulumiCommand.get({ root });
    });
    expect((await ensure()).command).toBe(cached);
    expect(install).toHaveBeenCalledWith({ root, version: BUILT_VERSION, skipVersionCheck: true });
    expect(noted(events)).toEqual(["step-started Find the Pulumi CLI", "step-finished Find the Pulumi CLI"]);
  });

  it("builds it where there is none and the installer cannot be reached; the next run finds it", async () => {
    const { folder, tools, cached, events, fetch, ensure } = await machine();
    await writeExecutable(join(tools, "go"), ...goThatBuilds("v3.259.0", join(folder, "record")));
    expect(await ensure()).toMatchObject({ command: cached, version: { version: "3.259.0" } });
    expect(noted(events)).toEqual([
      "step-started Find the Pulumi CLI",
      "step-finished Find the Pulumi CLI",
      "step-started Build the Pulumi CLI",
      "step-finished Build the Pulumi CLI",
    ]);
    await writeExecutable(join(tools, "go"), "exit 1");
    fetch.mockClear();
    expect((await ensure()).command).toBe(cached);
    expect(fetch).not.toHaveBeenCalled();
  });

  it("says how to get a CLI where none can be built either", async () => {
    const { ensure } = await machine();
    await expect(ensure()).rejects.toMatchObject({ code: "CLI_UNAVAILABLE", exitCode: 4 });
  });

  it("names the folder of a cached CLI that cannot run, instead of failing like a bug", async () => {
    const { root, cached, ensure } = await machine();
    await writeExecutable(cached, "exit 126");
    await expect(ensure()).rejects.toMatchObject({
      code: "CLI_UNAVAILABLE",
      details: [root],
      fix: expect.stringContaining("KVSHIFT_CACHE_DIR"),
    });
  });
});
