import { mkdir, readdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { parseEnvironmentFile } from "../../../../src/config/file.ts";
import type { Prompts } from "../../../../src/core/ask.ts";
import { findProject } from "../../../../src/engine/project.ts";
import type { InitOptions } from "../../../../src/flows/init/options.ts";
import { planEnvironment } from "../../../../src/flows/init/plan-environment.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { type EmulatedVendorsOptions, emulateVendors } from "./emulated-vendors.ts";
import { ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_OWNER, OTHER_SERVICE, OWNER, SERVICE } from "./example-answers.ts";
import { scriptedPrompts } from "./scripted-prompts.ts";

const FLAGS = {
  stack: "staging",
  kind: "development",
  app: "brainbot",
  access: "rest",
  account: ACCOUNT,
  workspace: OWNER,
  service: [SERVICE],
  namespace: ["sessions:eventual:86400"],
} as const satisfies InitOptions;

interface World {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly prompts?: Prompts;
  readonly vendors?: EmulatedVendorsOptions;
}

async function plan(options: Partial<InitOptions>, { cwd, env, prompts, vendors: held }: World) {
  const { vendors, env: keys, clock } = emulateVendors(held);
  return planEnvironment({ ...FLAGS, ...options }, { cwd, env: { ...keys, ...env }, clock, prompts }, vendors);
}

async function projectFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await tempDir();
  for (const [name, text] of Object.entries({ "Pulumi.yaml": "name: kvshift\nruntime: nodejs\n", ...files })) {
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const textFor = async (options: Partial<InitOptions>) =>
  (await plan(options, { cwd: await projectFolder() })).file.text;

describe("planEnvironment", () => {
  it("plans one valid file in a project, with the names of what it holds, and writes nothing", async () => {
    const cwd = await projectFolder();
    const { file, projectFile, warnings, next, taken, awaitsToken } = await plan({}, { cwd });
    expect({ path: file.path, projectFile, warnings, taken, awaitsToken }).toEqual({
      path: join(cwd, "Pulumi.staging.yaml"),
      projectFile: undefined,
      warnings: [],
      taken: [],
      awaitsToken: false,
    });
    expect(file.text).toContain(`      - ${SERVICE} # api\n`);
    expect(parseEnvironmentFile(file.text, { environment: "staging", now: NOW, file: "" }).config).toMatchObject({
      app: "brainbot",
      credentials: { application: { slots: { a: { mintedAt: "2026-12-01T12:34:56Z" } } } },
    });
    expect(next).toEqual(["npx kvshift doctor --stack staging", "npx kvshift preview --stack staging"]);
    expect(await readdir(cwd)).toEqual(["Pulumi.yaml"]);
  });

  it("plans the file beside the project file where it runs below it", async () => {
    const folder = await projectFolder();
    await mkdir(join(folder, "below"));
    const { file, projectFile } = await plan({}, { cwd: join(folder, "below") });
    expect([file.path, projectFile]).toEqual([join(folder, "Pulumi.staging.yaml"), undefined]);
  });

  it("plans a project in a folder that is in none, one that every command finds", async () => {
    const cwd = await realpath(await tempDir());
    const { file, projectFile } = await plan({}, { cwd });
    expect([file.path, projectFile?.path]).toEqual([join(cwd, "Pulumi.staging.yaml"), join(cwd, "Pulumi.yaml")]);
    await writeFile(projectFile?.path ?? "", projectFile?.text ?? "");
    expect(await findProject(cwd)).toEqual({ folder: cwd, name: "kvshift", backendUrl: "file://./state" });
  });

  it("makes no project of a folder that is not there", async () => {
    const cwd = join(await tempDir(), "none");
    await expect(plan({}, { cwd })).rejects.toMatchObject({ code: "PROJECT_NOT_FOUND" });
  });

  it("says what was taken because there is nothing else", async () => {
    const { account: _account, ...flags } = FLAGS;
    const { vendors, env, clock } = emulateVendors({ accounts: [{ id: ACCOUNT, name: "first" }] });
    const { taken } = await planEnvironment(flags, { cwd: await projectFolder(), env, clock }, vendors);
    expect(taken).toEqual([`--account ${ACCOUNT} (first): the only choice`]);
  });

  it("offers a person the application of the project's other environments", async () => {
    const { app: _app, ...flags } = FLAGS;
    const others = { "Pulumi.dev.yaml": await textFor({ app: "shop" }) };
    const { prompts, asked } = scriptedPrompts(undefined, "kv");
    const { vendors, env, clock } = emulateVendors();
    const options = { ...flags, service: [OTHER_SERVICE] };
    const { file } = await planEnvironment(options, { cwd: await projectFolder(others), env, clock, prompts }, vendors);
    expect(asked[0]?.suggested).toBe("shop");
    expect(file.text).toContain("kvshift:app: shop\n");
  });

  it("tells how the token of Redis gets into the file, before anything else is run", async () => {
    const options = { phase: "dual", upstashUrl: "https://example.upstash.io" } as const;
    const { next, awaitsToken } = await plan(options, { cwd: await projectFolder() });
    expect(awaitsToken).toBe(true);
    expect(next).toEqual([
      "npx kvshift secret set --stack staging",
      "npx kvshift doctor --stack staging",
      "npx kvshift preview --stack staging",
    ]);
  });

  it("warns about what is shared with other environments, and about files that it cannot judge", async () => {
    const others = { "Pulumi.dev.yaml": await textFor({}), "Pulumi.odd.yaml": "config: [\n" };
    const { warnings } = await plan({}, { cwd: await projectFolder(others) });
    expect(warnings).toEqual([
      "dev is in the same Cloudflare account: each one's token reaches the namespaces of the other.",
      `${SERVICE} is a service of dev too: it would have the variables of one of the two.`,
      "Whether Pulumi.odd.yaml shares the account is not known: it is not valid YAML.",
    ]);
    const elsewhere = await plan(
      { account: OTHER_ACCOUNT, service: [OTHER_SERVICE] },
      { cwd: await projectFolder(others) },
    );
    expect(elsewhere.warnings).toHaveLength(1);
  });
});

describe("a new environment is refused", () => {
  it("where its file is there, before anything is asked", async () => {
    const cwd = await projectFolder({ "Pulumi.staging.yaml": "" });
    const { prompts, asked } = scriptedPrompts();
    await expect(plan({ app: "Wrong" }, { cwd, prompts, env: { RENDER_API_KEY: "" } })).rejects.toMatchObject({
      code: "ENVIRONMENT_EXISTS",
      problem: expect.stringContaining("Pulumi.staging.yaml exists already"),
    });
    expect(asked).toEqual([]);
  });

  it.each(["../staging", "Staging", "staging-", "", "a".repeat(33)])("under the name %j", async (stack) => {
    await expect(plan({ stack }, { cwd: await projectFolder() })).rejects.toMatchObject({
      code: "USAGE",
      problem: `${JSON.stringify(stack)} cannot be the name of an environment.`,
    });
  });

  it("without the keys of both vendors", async () => {
    const cwd = await projectFolder();
    await expect(plan({}, { cwd, env: { CLOUDFLARE_API_TOKEN: undefined } })).rejects.toMatchObject({
      code: "VENDOR_ENVIRONMENT_MISSING",
    });
  });

  it("where the answers make no environment", async () => {
    const namespace = ["locks:strong:60"];
    await expect(plan({ namespace }, { cwd: await projectFolder() })).rejects.toMatchObject({
      code: "USAGE",
      details: [expect.stringMatching(/^--namespace: found "strong" under access: rest/)],
    });
  });

  it("where nobody says the address of its gateway", async () => {
    await expect(plan({ access: "gateway" }, { cwd: await projectFolder() })).rejects.toMatchObject({
      code: "USAGE",
      details: [expect.stringMatching(/^--workers-subdomain: expected .* or --hostname and --zone$/)],
    });
  });

  it("where Render's provider would work in another workspace", async () => {
    const cwd = await projectFolder();
    await expect(plan({}, { cwd, env: { RENDER_OWNER_ID: OTHER_OWNER } })).rejects.toMatchObject({
      code: "WORKSPACE_DIFFERS",
    });
  });

  it("where the vendors do not have what was answered", async () => {
    const options = { workspace: OTHER_OWNER };
    await expect(plan(options, { cwd: await projectFolder() })).rejects.toMatchObject({
      code: "USAGE",
      details: [expect.stringContaining(`belongs to the workspace ${OWNER}`)],
    });
  });
});
