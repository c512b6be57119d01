import { z } from "zod";

import { runKvshift } from "../../src/cli/demo/kvshift-process.ts";
import { createOverlay } from "../../src/cli/demo/overlay.ts";
import { startLocalEnvironment } from "../../src/cli/local-environment.ts";
import { systemClock } from "../../src/core/clock.ts";
import { definedOnly } from "../../src/core/defined.ts";
import { findProject, INSTALLATION } from "../../src/engine/project.ts";

const ENVIRONMENT = "dev";
const variablesSchema = z.record(z.string(), z.string());

export interface ProvisionedStage extends AsyncDisposable {
  /** What the environment group gives to the services that it is linked to. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * A local cloud on which the real engine has provisioned `dev`: its namespaces are those of a test, and go with it.
 * `onProgress`: each line that kvshift writes meanwhile.
 */
export async function startProvisionedStage(onProgress: (line: string) => void): Promise<ProvisionedStage> {
  const project = await findProject(INSTALLATION);
  await using started = new AsyncDisposableStack();
  const { cloud, scratch } = started.use(await startLocalEnvironment(project, systemClock));
  const cwd = await createOverlay(project, scratch.path, [ENVIRONMENT]);
  const env = { ...definedOnly(process.env), ...cloud.env };
  await runKvshift(["up", "--stack", ENVIRONMENT, "--yes"], { cwd, env, onProgress });
  const shown = await runKvshift(["env", "--stack", ENVIRONMENT, "--show-secrets"], { cwd, env, onProgress });
  const variables = variablesSchema.parse(shown["variables"]);
  const all = started.move();
  return { variables, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
