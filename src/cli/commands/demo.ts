import { once } from "node:events";

import { z } from "zod";

import type { LocalCloud } from "../../../local-cloud/cloud.ts";
import { AppError } from "../../core/app-error.ts";
import { definedOnly } from "../../core/defined.ts";
import { shellWord } from "../../core/shell.ts";
import { findProject, type Project, INSTALLATION } from "../../engine/project.ts";
import { listEnvironments, readEnvironmentFile } from "../../flows/environment/environment-file.ts";
import { defineCommand, type Context } from "../define-command.ts";
import { installBrainbot } from "../demo/brainbot.ts";
import { PASSWORD, passwordHash } from "../demo/brainbot-account.ts";
import { runKvshift } from "../demo/kvshift-process.ts";
import { leftovers, stillAnswering } from "../demo/leftovers.ts";
import { addService, createOverlay } from "../demo/overlay.ts";
import { converse, reachNothingElse, readCachedValue, signIn } from "../demo/proofs.ts";
import { deployAndWait, type RenderAccess, setVariables } from "../demo/render-api.ts";
import { proof, type StepResult, StepRunner } from "../demo/step-runner.ts";
import { startLocalEnvironment, type LocalEnvironment } from "../local-environment.ts";
import { renderTable } from "../output.ts";

const ENVIRONMENT = "dev";
/** The service that the application in Python is deployed as. */
const BRAINBOT = { id: "srv-d0000000000000000002", name: "brainbot-dev-python" };
/** Of scrypt, a power of two: what the demo has to protect ends with it. */
const PASSWORD_COST = 16_384;
const variablesSchema = z.record(z.string(), z.string());

interface DemoOptions {
  readonly keep?: boolean;
}

export const demo = defineCommand<DemoOptions>({
  name: "demo",
  summary: "provision dev on a local cloud, deploy applications that use it, prove it, and clean up",
  options: [{ flags: "--keep", description: "leave everything up and say how to reach it, until interrupted" }],
  examples: ["npm run demo", "npm run demo -- --keep", "npm run --silent demo -- --json"],
  run: async ({ keep }, context) => {
    const steps = new StepRunner(context.output, context.clock);
    try {
      await runDemo(keep === true, context, steps);
    } catch (error) {
      throw withSteps(error, steps.results);
    }
    context.output.text(`\nEvery proof held: ${String(steps.results.length)} steps.`);
    return { steps: steps.results };
  },
});

/** `--json` names the steps that held before the one that failed, too. */
function withSteps(error: unknown, steps: readonly StepResult[]): unknown {
  if (!(error instanceof AppError)) return error;
  const { code, problem, details, fix, cause } = error;
  return new AppError(code, { problem, details, fix, cause, data: { steps } });
}

async function runDemo(keep: boolean, context: Context, steps: StepRunner): Promise<void> {
  const project = await findProject(INSTALLATION);
  const { services } = (await readEnvironmentFile(project, ENVIRONMENT, context.clock)).config.render;
  const brainbot = await steps.run("install the application in Python", () => installBrainbot(context.env));
  if ("missing" in brainbot) context.output.note(`    left out: ${brainbot.missing}`);
  const further = "missing" in brainbot ? undefined : { ...BRAINBOT, beside: services[0] ?? "", application: brainbot };
  const local = await steps.run("start the local cloud", () =>
    startLocalEnvironment(project, context.clock, { further }),
  );
  try {
    await useEnvironment(keep, context, local, project, steps);
  } catch (error) {
    await local[Symbol.asyncDispose]();
    throw error;
  }
  await steps.run("leave nothing running", async () => {
    await local[Symbol.asyncDispose]();
    const answering = await stillAnswering(local.cloud);
    proof(answering.length === 0, "no port of the local cloud answers any more", answering.join(", "));
  });
}

async function useEnvironment(
  keep: boolean,
  context: Context,
  local: LocalEnvironment,
  project: Project,
  steps: StepRunner,
): Promise<void> {
  const { cloud, scratch } = local;
  const folder = await createOverlay(project, scratch.path, await listEnvironments(project));
  const hasBrainbot = cloud.services.some(({ id }) => id === BRAINBOT.id);
  if (hasBrainbot) await addService(folder, ENVIRONMENT, BRAINBOT.id);
  const kvshift = commandRunner(context, cloud, folder);

  await steps.run("provision dev with the real engine", async () => {
    const { changed } = await kvshift(["up", "--stack", ENVIRONMENT, "--yes"]);
    proof(changed === true, "the first `up` creates the environment", JSON.stringify(changed));
  });
  await useApplication(context, local, project, steps);
  if (hasBrainbot) await useBrainbot(context, local, steps);
  await steps.run("reach nothing else with its credential", async () => {
    const { variables } = await kvshift(["env", "--stack", ENVIRONMENT, "--show-secrets"]);
    await reachNothingElse(variables);
  });
  await steps.run("show what exists", async () => {
    const { variables } = await kvshift(["env", "--stack", ENVIRONMENT]);
    const entries = Object.entries(variablesSchema.parse(variables));
    context.output.note(
      renderTable(
        ["  VARIABLE", "VALUE"],
        entries.map(([key, value]) => [`  ${key}`, value]),
      ),
    );
    const token = entries.find(([key]) => key === "CLOUDFLARE_KV_API_TOKEN")?.[1];
    proof(token === "[secret]", "secrets are masked", "a token that is not masked");
  });
  await steps.run("up again changes nothing", async () => {
    const { changed } = await kvshift(["up", "--stack", ENVIRONMENT, "--yes"]);
    proof(changed === false, "a second `up` has nothing to change", JSON.stringify(changed));
  });
  if (keep) await keepUntilInterrupted(context, cloud, folder);
  await steps.run("destroy", async () => {
    await kvshift(["destroy", "--stack", ENVIRONMENT, "--yes"]);
    const left = await leftovers(cloud);
    proof(left.length === 0, "nothing is left at the vendors", left.join(", "));
  });
}

async function useApplication(
  context: Context,
  { cloud }: LocalEnvironment,
  project: Project,
  steps: StepRunner,
): Promise<void> {
  const { config } = await readEnvironmentFile(project, ENVIRONMENT, context.clock);
  const serviceId = config.render.services[0] ?? "";
  await steps.run("deploy the example application on the local Render", () => deployed(context, cloud, serviceId));
  const url = cloud.urlOf(serviceId) ?? "";
  await steps.run("sign a person in through the environment group", () => signIn(url, "ada"));
  await steps.run("read a cached value", () => readCachedValue(url));
}

async function useBrainbot(context: Context, { cloud }: LocalEnvironment, steps: StepRunner): Promise<void> {
  await steps.run("deploy the application in Python as a second service", async () => {
    const accounts = JSON.stringify({ ada: passwordHash(PASSWORD_COST) });
    await setVariables(accessTo(cloud), BRAINBOT.id, { BRAINBOT_ACCOUNTS: accounts });
    await deployed(context, cloud, BRAINBOT.id);
  });
  await steps.run("hold a conversation with it, and end the session", () =>
    converse(cloud.urlOf(BRAINBOT.id) ?? "", "ada", PASSWORD),
  );
}

async function deployed(context: Context, cloud: LocalCloud, serviceId: string): Promise<void> {
  const onStatus = (status: string): void => {
    context.output.emit({ type: "step-progress", step: "deploy", note: status });
  };
  await deployAndWait(accessTo(cloud), serviceId, onStatus, context.signal);
}

function accessTo({ render }: LocalCloud): RenderAccess {
  return { url: render.url, apiKey: render.apiKey.reveal() };
}

function commandRunner(context: Context, cloud: LocalCloud, cwd: string) {
  const env = { ...definedOnly(context.env), ...cloud.env };
  const onProgress = (line: string): void => {
    context.output.note(`    ${line}`);
  };
  return (args: readonly string[]) => runKvshift(args, { cwd, env, onProgress });
}

async function keepUntilInterrupted({ output, signal }: Context, cloud: LocalCloud, folder: string): Promise<void> {
  output.note("\nEverything is left up until you press Ctrl-C. In another terminal:");
  output.note(`  cd ${shellWord(folder)}`);
  for (const [key, value] of Object.entries(cloud.env)) output.note(`  export ${key}=${shellWord(value)}`);
  for (const { id, name } of cloud.services) output.note(`  # ${name}: ${cloud.urlOf(id) ?? "not deployed"}`);
  if (!signal.aborted) await once(signal, "abort");
}
