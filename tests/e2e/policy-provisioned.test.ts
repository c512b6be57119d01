import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { installPlugins } from "../../local-cloud/plugins/install.ts";
import { findProject } from "../../src/engine/project.ts";
import { BINDINGS } from "../../src/gateway/bindings.ts";
import { ensureCli } from "../../src/engine/pulumi-cli/ensure.ts";
import { Session } from "../../src/engine/session.ts";
import { writeAnalyzer } from "../../src/policy/analyzer.ts";
import { PLAN_RULES, STATE_RULES, checkPlan } from "../../src/policy/rules.ts";
import { credentialsIn, scanState } from "../../src/policy/state-scan.ts";
import { sealedSecrets } from "../../src/state/ciphertext.ts";
import { readDeployment } from "../../src/state/deployment.ts";
import { plantedProgram, type Plants } from "../policy/planted-program.ts";
import { openPolicyStack, type PolicyStack } from "../policy/policy-stack.ts";
import { CONFIG } from "../policy/recorded-state.ts";
import { CHECKOUT } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

/** A production environment in the account and for the services of `Pulumi.prod.yaml`. */
const WELL_FORMED: Plants = {
  facts: { accountId: "9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6" },
  services: ["srv-p0000000000000000001"],
};

/** What only the plan shows, and what each rule says about it. */
const PLANTED_CHANGES: readonly (readonly [rule: string, plants: Plants, message: string])[] = [
  [
    "durable-object-classes-stay",
    { durableObjectClasses: ["Another"] },
    "Worker version gateway ends the Durable Object class KeySpace.",
  ],
  ["consistency-classes-stay", { consistency: "strong" }, "Namespace sessions changes its consistency class."],
  ["shard-counts-stay", { shards: 8 }, "Namespace sessions changes its number of shards."],
  ["production-workers-stay", { withoutWorker: true }, "Worker gateway is deleted or replaced."],
  [
    "production-stays-production",
    { facts: { accountId: "9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6", kind: "development" } },
    "The environment changes its kind.",
  ],
  [
    "no-plain-credential-in-new-outputs",
    { plainOutput: "greeting" },
    "Component kvshift-prod: greeting would be a credential in clear.",
  ],
];

/** What only the state shows, all of it planted in one update. */
const PLANTED_STATE: Plants = {
  unkeptData: true,
  unprotectedTokens: true,
  plainOutput: "greeting",
  plainSecretText: true,
};
const STATE_FINDINGS: Readonly<Record<string, readonly string[]>> = {
  "credentials-are-encrypted": ["Resource gateway: bindings[0].text holds a credential in clear."],
  "group-variables-are-encrypted": ["Environment group cloudflare-kv: CLOUDFLARE_KV_PHASE is in clear."],
  "no-plain-credential-in-outputs": ["Component kvshift-prod: greeting is a credential in clear."],
  "live-credentials-are-protected": [
    "The live credential application-a1 is not protected.",
    "The live credential operator-a1 is not protected.",
  ],
  "production-data-is-kept": ["page-cache", "sessions", "gateway"].flatMap((name) => [
    `Resource ${name} is not protected.`,
    `Resource ${name} is not retained.`,
  ]),
};

let stage: LocalStage;
let folder: string;
let policies: PolicyStack;

beforeAll(async () => {
  stage = await createLocalStage();
  folder = await mkdtemp(join(tmpdir(), "kvshift-policy-"));
  policies = await openPolicyStack(folder, stage.cloud.env);
  await policies.up(WELL_FORMED);
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The recorded state, and what it is judged against. */
async function recordedState() {
  const secrets = credentialsIn(readDeployment(await policies.exportState("decrypted")));
  return { exported: await policies.exportState("encrypted"), facts: { config: CONFIG, secrets } };
}

/** A variable in clear. Render's provider encrypts each one, whatever the program says: no program can plant it. */
function withPlainVariable(exported: unknown): unknown {
  const variable = /("CLOUDFLARE_KV_PHASE":\{"value":)\{[^}]*\}/;
  const text = JSON.stringify(exported);
  if (!variable.test(text)) throw new Error("the state holds no such variable");
  return JSON.parse(text.replace(variable, '$1"kv"'));
}

describe("a provisioned environment", () => {
  it("has a planted violation for each rule about plans and states", () => {
    expect(PLANTED_CHANGES.map(([rule]) => rule)).toEqual(PLAN_RULES.map(({ name }) => name));
    expect(Object.keys(STATE_FINDINGS)).toEqual(STATE_RULES.map(({ name }) => name));
  });

  it("holds what every rule asks, in its plan and in its state", async () => {
    const { passed, findings, planned } = await policies.preview(WELL_FORMED);
    expect({ passed, findings }).toEqual({ passed: true, findings: [] });
    expect(new Set(planned.changes.map(({ operation }) => operation))).toEqual(new Set(["same"]));
    expect(checkPlan(planned)).toEqual([]);
    const { exported, facts } = await recordedState();
    expect(facts.secrets).toHaveLength(2);
    expect(scanState(readDeployment(exported), facts)).toEqual([]);
  });

  it("is exported in clear as it is encrypted, but for what its secrets hold", async () => {
    const [encrypted, decrypted] = [await policies.exportState("encrypted"), await policies.exportState("decrypted")];
    expect(JSON.stringify(encrypted)).not.toContain("plaintext");
    expect(sealedSecrets(decrypted)).toEqual(sealedSecrets(encrypted));
  });

  it("lets the pack compare ids and credentials that are known by now", async () => {
    const plants: Plants = {
      ...WELL_FORMED,
      namespaceId: "f".repeat(32),
      plainBinding: { name: BINDINGS.LOCATION_HINT, holds: "the token" },
    };
    const refused = await policies.preview(plants);
    expect(refused.passed).toBe(false);
    expect(refused.findings.map(({ policy, message }) => [policy, message.split("\n")[1]])).toEqual([
      [
        "own-namespaces-only",
        "Environment group cloudflare-kv: CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS is not the id of namespace sessions of this stack.",
      ],
      [
        "no-plain-credential-in-bindings",
        "Worker version gateway: binding KVSHIFT_LOCATION_HINT holds a credential in clear.",
      ],
    ]);
    const without = ["own-namespaces-only", "no-plain-credential-in-bindings"];
    const { passed, findings } = await policies.preview(plants, { without });
    expect({ passed, findings }).toEqual({ passed: true, findings: [] });
  });

  it("shows in its state what no pack can see, each to the one rule that it is planted for", async () => {
    // The pack sees the name of the binding, if not what it holds in the state.
    await policies.up({ ...WELL_FORMED, ...PLANTED_STATE }, { without: ["known-bindings-only"] });
    const { exported, facts } = await recordedState();
    const state = withPlainVariable(exported);
    const found = scanState(readDeployment(state), facts).map(({ rule, message }) => `${rule}: ${message}`);
    const expected = Object.entries(STATE_FINDINGS).flatMap(([rule, messages]) =>
      messages.map((message) => `${rule}: ${message}`),
    );
    expect(found.toSorted()).toEqual(expected.toSorted());
    for (const [name, messages] of Object.entries(STATE_FINDINGS)) {
      const others = STATE_RULES.filter((rule) => rule.name !== name);
      const rest = scanState(readDeployment(state), facts, others).map(({ message }) => message);
      expect(rest.filter((message) => messages.includes(message))).toEqual([]);
    }
  });

  it.each(PLANTED_CHANGES)("shows in its plan to %s alone what is planted for it", async (rule, plants, message) => {
    // Protected, the Worker would be kept by the engine itself.
    const { passed, planned } = await policies.preview({ ...WELL_FORMED, unkeptData: true, ...plants });
    expect(passed).toBe(true);
    expect(checkPlan(planned).map((violation) => [violation.rule, violation.message])).toEqual([[rule, message]]);
    const others = PLAN_RULES.filter(({ name }) => name !== rule);
    expect(checkPlan(planned, others)).toEqual([]);
  });

  it("is refused a plan by kvshift where such a rule is broken", async () => {
    const project = await findProject(stage.project);
    const program = plantedProgram({ ...WELL_FORMED, consistency: "strong" });
    await using session = await Session.open(
      {
        project,
        environment: "prod",
        program: async () => ({ ...(await program()) }),
        command: await ensureCli({
          env: process.env,
          buildSource: join(CHECKOUT, "tools", "pulumi"),
          emit: () => undefined,
        }),
        backendUrl: stage.cloud.env["PULUMI_BACKEND_URL"] ?? "",
        env: stage.cloud.env,
        installPlugins: (home) => installPlugins(home, { node: process.execPath }),
        writePolicyPack: (to) =>
          writeAnalyzer(to, { node: process.execPath, checkout: CHECKOUT, project: project.folder }),
      },
      false,
    );
    await expect(session.preview()).rejects.toMatchObject({
      code: "POLICY_VIOLATED",
      details: [expect.stringMatching(/^consistency-classes-stay \(prod\): Namespace sessions changes/)],
    });
  });
});
