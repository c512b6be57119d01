import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { type EngineEvent, LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";

import { createCloudflareEmulator } from "../../local-cloud/cloudflare/emulator.ts";
import { listen } from "../../local-cloud/http/listen.ts";
import { installPlugins } from "../../local-cloud/plugins/install.ts";
import { createRenderEmulator } from "../../local-cloud/render/emulator.ts";
import { systemClock } from "../../src/core/clock.ts";
import { systemRandom } from "../../src/core/random.ts";
import { ensureCli } from "../../src/engine/pulumi-cli/ensure.ts";
import {
  ACCOUNT_ID,
  fixtureProgram,
  OWNER_ID,
  type ProgramInputs,
  recordedInputs,
  SERVICES,
} from "./fixture-program.ts";
import { type Call, idsOf } from "./recorded-calls.ts";

export interface StepResult {
  /** Resources by what was done to them; absent where no engine ran. */
  readonly counts: Readonly<Record<string, number>>;
  readonly calls: readonly Call[];
}

/** The two vendors on sockets of their own. */
async function startVendors() {
  const cloudflare = createCloudflareEmulator({
    clock: systemClock,
    random: systemRandom,
    accounts: [{ id: ACCOUNT_ID, name: "brainbot" }],
  });
  const render = createRenderEmulator({
    clock: systemClock,
    random: systemRandom,
    owners: [{ id: OWNER_ID, name: "brainbot" }],
    services: SERVICES.map((id) => ({ id, name: id, ownerId: OWNER_ID })),
    launcher: { launch: () => Promise.reject(new Error("the recording deploys nothing")) },
  });
  const sockets = await Promise.all([
    listen((request) => cloudflare.fetch(request)),
    listen((request) => render.fetch(request)),
  ]);
  return {
    env: {
      CLOUDFLARE_BASE_URL: `${sockets[0].url}/client/v4`,
      CLOUDFLARE_API_TOKEN: cloudflare.userToken.reveal(),
      RENDER_HOST: `${sockets[1].url}/v1`,
      RENDER_API_KEY: render.apiKey.reveal(),
      RENDER_OWNER_ID: OWNER_ID,
    },
    drainCalls: (): readonly Call[] => [...cloudflare.requestLog.drain(), ...render.requestLog.drain()],
    close: async () => {
      await render.close();
      await Promise.all(sockets.map((socket) => socket.close()));
    },
  };
}

type Vendors = Awaited<ReturnType<typeof startVendors>>;

/** Runs the ten recorded steps with the real engine below `folder`; what happened, in order. */
export async function runRecordedSteps(folder: string): Promise<readonly StepResult[]> {
  const vendors = await startVendors();
  try {
    return await runSteps(folder, vendors);
  } finally {
    await vendors.close();
  }
}

async function runSteps(folder: string, vendors: Vendors): Promise<readonly StepResult[]> {
  const inputs = recordedInputs(await writeModules(folder));
  const stack = await openStack(folder, vendors.env);
  const up = (program: ProgramInputs) => (onEvent: OnEvent) => stack.up({ program: fixtureProgram(program), onEvent });
  const refresh = (onEvent: OnEvent) => stack.refresh({ onEvent });
  let groupId = "";
  const operations: readonly ((onEvent: OnEvent) => Promise<unknown>)[] = [
    up(inputs.created),
    up(inputs.created),
    refresh,
    up(inputs.secondTokenMinted),
    up(inputs.everythingChanged),
    up(inputs.firstTokenRemoved),
    () => setVariableByHand(vendors.env, groupId, "CLOUDFLARE_KV_PHASE", "redis"),
    refresh,
    up(inputs.firstTokenRemoved),
    (onEvent) => stack.destroy({ onEvent }),
  ];
  const results: StepResult[] = [];
  for (const operation of operations) {
    let counts: Record<string, number> = {};
    await operation(({ summaryEvent }) => (counts = summaryEvent?.resourceChanges ?? counts));
    const calls = vendors.drainCalls();
    groupId ||= createdGroupId(calls);
    results.push({ counts, calls });
  }
  return results;
}

type OnEvent = (event: EngineEvent) => void;

/** A stack on a backend of its own, with the local plugins and none of the user's. */
async function openStack(folder: string, vendorEnv: Record<string, string>): Promise<Stack> {
  const [pulumiHome, backend, workDir] = [join(folder, "home"), join(folder, "state"), join(folder, "work")];
  await Promise.all([pulumiHome, backend, workDir].map((path) => mkdir(path)));
  await installPlugins(pulumiHome, { node: process.execPath });
  const buildSource = fileURLToPath(new URL("../../tools/pulumi", import.meta.url));
  return LocalWorkspace.createStack(
    { projectName: "kvshift", stackName: "dev", program: async () => ({}) },
    {
      pulumiCommand: await ensureCli({ env: process.env, buildSource, emit: () => undefined }),
      pulumiHome,
      workDir,
      envVars: {
        ...vendorEnv,
        PULUMI_BACKEND_URL: pathToFileURL(backend).href,
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      },
    },
  );
}

async function writeModules(folder: string): Promise<[string, string]> {
  const [first, second] = [join(folder, "first.js"), join(folder, "second.js")];
  await writeFile(first, "export default { fetch() { return new Response('1') } }");
  await writeFile(second, "export default { fetch() { return new Response('2') } }");
  return [first, second];
}

function createdGroupId(calls: readonly Call[]): string {
  const created = calls.find(({ method, path }) => method === "POST" && path.endsWith("/env-groups"));
  return idsOf(created?.response)[0] ?? "";
}

/** A person changes a variable in the dashboard. */
async function setVariableByHand(env: Vendors["env"], groupId: string, key: string, value: string): Promise<void> {
  const response = await fetch(`${env.RENDER_HOST}/env-groups/${groupId}/env-vars/${key}`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${env.RENDER_API_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ value }),
  });
  if (!response.ok) throw new Error(`Render answered ${String(response.status)}`);
}
