import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { SemVer } from "semver";

import { createCloudflareEmulator } from "../../../../local-cloud/cloudflare/emulator.ts";
import { createRenderEmulator } from "../../../../local-cloud/render/emulator.ts";
import type { Check } from "../../../../src/flows/doctor/check.ts";
import { checkUp, type CheckupOptions } from "../../../../src/flows/doctor/checkup.ts";
import { CHECKOUT, TEST_NOW } from "../../../support/kvshift.ts";
import { overRest } from "../../../support/over-rest.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { countingRandom, ManualClock, policyOn } from "../../local-cloud/cloudflare/emulated-cloudflare.ts";
import { RecordingLauncher } from "../../local-cloud/render/recording-launcher.ts";

/** Ids of Pulumi.dev.yaml. */
export const ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
const OWNER = "tea-d0000000000000000001";
export const SERVICE = "srv-d0000000000000000001";

export type CheckupChange = Omit<Partial<CheckupOptions>, "env"> & {
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** A project with the dev environment, and vendors that hold what its file names. */
export async function emulateVendors(services: readonly string[] = [SERVICE]) {
  const clock = new ManualClock(Date.parse(TEST_NOW));
  const random = countingRandom();
  const accounts = [{ id: ACCOUNT, name: "dev" }];
  const cloudflare = createCloudflareEmulator({ clock, random, accounts });
  const render = createRenderEmulator({
    clock,
    random,
    owners: [{ id: OWNER, name: "brainbot" }],
    services: services.map((id) => ({ id, name: "api", ownerId: OWNER })),
    launcher: new RecordingLauncher(),
  });
  const project = await tempDir();
  await copyFile(join(CHECKOUT, "Pulumi.yaml"), join(project, "Pulumi.yaml"));
  const example = await readFile(join(CHECKOUT, "Pulumi.dev.yaml"), "utf8");
  await writeFile(join(project, "Pulumi.dev.yaml"), overRest(example));
  const accountToken = cloudflare.accountTokens[0]?.token.reveal() ?? "";
  const env = {
    CLOUDFLARE_API_TOKEN: accountToken,
    RENDER_API_KEY: render.apiKey.reveal(),
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_BACKEND_URL: `file://${project}/state`,
  };

  const fetch = (url: string, init?: RequestInit): Promise<Response> => {
    const vendor = new URL(url).hostname === "api.render.com" ? render : cloudflare;
    return vendor.fetch(new Request(url, init));
  };

  return {
    cloudflare,
    clock,
    env,
    project,
    fetch,
    /** Replaces a text in the file of the environment. */
    edit: async (from: string, to: string): Promise<void> => {
      const file = join(project, "Pulumi.dev.yaml");
      const text = await readFile(file, "utf8");
      if (!text.includes(from)) throw new Error(`Pulumi.dev.yaml does not contain ${from}`);
      await writeFile(file, text.replace(from, to));
    },
    /** Mints a token of the account; resolves with its value. */
    mint: async (groups: readonly string[], settings: object = {}): Promise<string> => {
      const response = await cloudflare.fetch(
        new Request(`https://api.cloudflare.com/client/v4/accounts/${ACCOUNT}/tokens`, {
          method: "POST",
          headers: { authorization: `Bearer ${accountToken}`, "content-type": "application/json" },
          body: JSON.stringify({ name: "doctor", policies: [policyOn(ACCOUNT, groups)], ...settings }),
        }),
      );
      const { result } = (await response.json()) as { result: { value: string } };
      return result.value;
    },
    checkUp: (change: CheckupChange = {}): Promise<Check[]> =>
      checkUp({
        stack: "dev",
        cwd: project,
        clock,
        signal: new AbortController().signal,
        fetch,
        findCli: (executable) => Promise.resolve(executable === "pulumi" ? new SemVer("3.259.0") : undefined),
        nodeVersion: "24.21.0",
        ...change,
        env: { ...env, ...change.env },
      }),
  };
}

/** Names of the checks that failed, with what was found. */
export function failures(checks: readonly Check[]): Record<string, string> {
  return Object.fromEntries(checks.filter(({ ok }) => ok === false).map(({ name, found }) => [name, found]));
}

export function checkNamed(checks: readonly Check[], name: string): Check {
  const check = checks.find((candidate) => candidate.name === name);
  if (check === undefined) throw new Error(`There is no check ${name}.`);
  return check;
}
