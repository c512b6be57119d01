import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { LocalWorkspace, type PolicyEvent, type PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ensureCli } from "../../src/engine/cli/ensure.ts";
import { installPlugins } from "../../src/local/plugins/install.ts";
import { writeAnalyzer } from "../../src/policy/analyzer.ts";
import { RULES } from "../../src/policy/rules.ts";
import { PLANTED_SECRET, plantedProgram, type Plants } from "../policy/planted-program.ts";

const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));

/** A violation of each rule, and what the rule says about it. */
const PLANTED: readonly (readonly [rule: string, plants: Plants, finding: string])[] = [
  [
    "no-upstash-variables-in-phase-kv",
    { extraVariable: "UPSTASH_REDIS_REST_TOKEN" },
    "Environment group cloudflare-kv holds UPSTASH_REDIS_REST_TOKEN in phase kv.",
  ],
  [
    "complete-cloudflare-kv-variables",
    { missingVariable: "CLOUDFLARE_KV_READ_SHARE" },
    "Environment group cloudflare-kv lacks CLOUDFLARE_KV_READ_SHARE.",
  ],
  [
    "kv-only-tokens",
    // Workers Scripts Write.
    { permissionGroup: "e086da7e2179491d91ee5f35b3ca210a" },
    "Token application-a1: its permission groups are not only those of Workers KV.",
  ],
  [
    "names-follow-the-environment",
    { title: "of another environment" },
    "sessions: title is not brainbot-prod-sessions.",
  ],
  [
    "one-link-for-each-group",
    { foreignLink: true },
    "Link foreign: envGroupId is not the id of one environment group of this stack.",
  ],
];

let folder: string;
let stack: Stack;
let analyzer: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvshift-policy-"));
  analyzer = await writeAnalyzer(folder, { node: process.execPath, checkout: CHECKOUT });
  stack = await openStack(await findCli());
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function findCli(): Promise<PulumiCommand> {
  const buildSource = join(CHECKOUT, "tools", "pulumi");
  return ensureCli({ env: process.env, buildSource, emit: () => undefined });
}

/** A stack of its own that was never provisioned: previews are first previews, and no vendor is called. */
async function openStack(pulumiCommand: PulumiCommand): Promise<Stack> {
  const [pulumiHome, state, workDir] = [join(folder, "home"), join(folder, "state"), join(folder, "work")];
  await Promise.all([mkdir(state), mkdir(workDir), installPlugins(pulumiHome, { node: process.execPath })]);
  return LocalWorkspace.createStack(
    { projectName: "kvshift", stackName: "prod", program: async () => ({}) },
    {
      pulumiCommand,
      pulumiHome,
      workDir,
      envVars: {
        CLOUDFLARE_BASE_URL: "http://127.0.0.1:9/client/v4",
        CLOUDFLARE_API_TOKEN: "x".repeat(40),
        RENDER_HOST: "http://127.0.0.1:9/v1",
        RENDER_API_KEY: "x".repeat(32),
        RENDER_OWNER_ID: `tea-${"0".repeat(20)}`,
        PULUMI_BACKEND_URL: pathToFileURL(state).href,
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      },
    },
  );
}

/** What the policies say about a program, in a preview with the real engine. */
async function preview(plants: Plants, disabledRule?: string) {
  const findings: PolicyEvent[] = [];
  const options = disabledRule === undefined ? {} : { policyPackConfigs: [await disable(disabledRule)] };
  const failure: unknown = await stack
    .preview({
      program: plantedProgram(plants),
      policyPacks: [analyzer],
      onEvent: ({ policyEvent }) => {
        if (policyEvent) findings.push(policyEvent);
      },
      ...options,
    })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  // A preview that failed without a finding failed for another reason.
  if (failure !== undefined && findings.length === 0) throw failure;
  return { passed: failure === undefined, findings };
}

/** Configuration of the pack that switches one rule off. */
async function disable(rule: string): Promise<string> {
  const file = join(folder, `without-${rule}.json`);
  await writeFile(file, JSON.stringify({ [rule]: "disabled" }));
  return file;
}

describe("the policy pack in a first preview", () => {
  it("has a planted violation for each rule", () => {
    expect(PLANTED.map(([rule]) => rule)).toEqual(RULES.map(({ name }) => name));
  });

  it("lets a well-formed environment pass", async () => {
    expect(await preview({})).toEqual({ passed: true, findings: [] });
  });

  it.each(PLANTED)(
    "refuses by %s alone what is planted for it, and lets it pass without the rule",
    async (...planted) => {
      const [rule, plants, finding] = planted;
      const [refused, unchecked] = await Promise.all([preview(plants), preview(plants, rule)]);
      expect(refused.passed).toBe(false);
      const reporters = refused.findings.map(({ policyName, enforcementLevel }) => `${policyName} ${enforcementLevel}`);
      expect(new Set(reporters)).toEqual(new Set([`${rule} mandatory`]));
      const text = refused.findings.map(({ message }) => message).join("\n");
      expect(text).toContain(finding);
      expect(text).toContain(`Fix: ${RULES.find(({ name }) => name === rule)?.fix ?? "there is no such rule"}`);
      expect(text).not.toContain(PLANTED_SECRET);
      expect(unchecked).toEqual({ passed: true, findings: [] });
    },
  );

  it("refuses a value that it needs and that is not known before creation", async () => {
    const { passed, findings } = await preview({ title: "unknown" });
    expect(passed).toBe(false);
    expect(findings.map(({ policyName, enforcementLevel }) => [policyName, enforcementLevel])).toEqual([
      ["names-follow-the-environment", "mandatory"],
    ]);
  });
});
