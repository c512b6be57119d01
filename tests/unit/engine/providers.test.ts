import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { chooseProviders, isLocalCloud } from "../../../src/engine/providers.ts";
import { tempDir } from "../../support/temp-dir.ts";

const LOCAL = { CLOUDFLARE_BASE_URL: "http://127.0.0.1:4001/client/v4", RENDER_HOST: "http://localhost:4002/v1" };
const OFFICIAL_FOLDERS = [
  "resource-cloudflare-v6.22.1",
  "resource-terraform-provider-v1.1.3",
  "resource-random-v4.21.2",
];

async function pulumiHome(...plugins: string[]): Promise<string> {
  const home = await tempDir();
  for (const plugin of plugins) await mkdir(join(home, "plugins", plugin), { recursive: true });
  return home;
}

describe("isLocalCloud", () => {
  it("holds only where both vendors are on this machine", () => {
    expect([
      isLocalCloud(LOCAL),
      isLocalCloud({ ...LOCAL, RENDER_HOST: undefined }),
      isLocalCloud({ ...LOCAL, CLOUDFLARE_BASE_URL: "https://api.cloudflare.com/client/v4" }),
      isLocalCloud({}),
    ]).toEqual([true, false, false, false]);
  });
});

describe("chooseProviders", () => {
  it("takes the official plugins for real vendors, installed or not: Pulumi loads them", async () => {
    expect(await chooseProviders({ PULUMI_HOME: await pulumiHome() })).toBe("official");
  });

  it("takes its own on a local cloud without the official ones", async () => {
    expect(await chooseProviders({ ...LOCAL, PULUMI_HOME: await pulumiHome() })).toBe("local");
  });

  it("takes its own on a local cloud where one official plugin is missing", async () => {
    const home = await pulumiHome(...OFFICIAL_FOLDERS.slice(0, 1));
    expect(await chooseProviders({ ...LOCAL, PULUMI_HOME: home })).toBe("local");
  });

  it("takes the official ones on a local cloud where all are installed", async () => {
    const home = await pulumiHome(...OFFICIAL_FOLDERS);
    expect(await chooseProviders({ ...LOCAL, PULUMI_HOME: home, KVSHIFT_PROVIDERS: "auto" })).toBe("official");
  });

  it("looks for them in the home folder where PULUMI_HOME is not set", async () => {
    const home = await tempDir();
    for (const plugin of OFFICIAL_FOLDERS) await mkdir(join(home, ".pulumi", "plugins", plugin), { recursive: true });
    expect(await chooseProviders({ ...LOCAL, HOME: home })).toBe("official");
  });

  it("obeys KVSHIFT_PROVIDERS", async () => {
    const home = await pulumiHome(...OFFICIAL_FOLDERS);
    expect(await chooseProviders({ ...LOCAL, PULUMI_HOME: home, KVSHIFT_PROVIDERS: "local" })).toBe("local");
    expect(await chooseProviders({ ...LOCAL, KVSHIFT_PROVIDERS: "official" })).toBe("official");
  });

  it("refuses its own plugins for a vendor that is not on this machine", async () => {
    const env = { ...LOCAL, RENDER_HOST: "https://api.render.com/v1", KVSHIFT_PROVIDERS: "local" };
    await expect(chooseProviders(env)).rejects.toMatchObject({ code: "PROVIDERS_INVALID", exitCode: 2 });
  });

  it("refuses a word that it does not know", async () => {
    await expect(chooseProviders({ KVSHIFT_PROVIDERS: "Local" })).rejects.toMatchObject({
      code: "PROVIDERS_INVALID",
      problem: 'KVSHIFT_PROVIDERS is "Local".',
    });
  });
});
