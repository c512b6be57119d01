import * as pulumi from "@pulumi/pulumi";

import { parseEnvironment } from "../config/parse.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { timeScale } from "../config/time-scale.ts";
import { bundleGateway } from "./bundle.ts";
import { Environment } from "./environment.ts";
import { localWorkersUrl } from "./gateway-url.ts";
import type { Bundle } from "./gateway.ts";
import { type PendingOutputs, stackOutputs } from "./outputs.ts";
import { type Adoption, NO_ADOPTION } from "./types.ts";
import { requireWorkspace } from "./workspace.ts";

export interface ProgramOptions {
  readonly clock?: Clock;
  /** What exists and is taken up in this run. */
  readonly adopt?: Adoption;
  /** The module of the gateway's Worker; only under `access: gateway`. */
  readonly bundle?: Bundle;
}

/**
 * The Pulumi program. `index.ts` calls it for `pulumi up`, the engine for `kvshift up`: a function that builds the
 * resources each time, because a second import of a module builds nothing and the engine would delete everything.
 * The clock only refuses expired dates; nothing that is created depends on it.
 */
export function buildEnvironment({
  clock = systemClock,
  adopt = NO_ADOPTION,
  bundle = bundleGateway,
}: ProgramOptions = {}): PendingOutputs {
  const environment = pulumi.getStack();
  const config = parseEnvironment(pulumiConfigValues("kvshift"), {
    environment,
    now: clock.now(),
    secrets: "decrypted",
  });
  requireWorkspace(process.env, config);
  const apiUrl = process.env["CLOUDFLARE_BASE_URL"];
  const local = { localWorkersUrl: localWorkersUrl(process.env), timeScale: timeScale(process.env) };
  const args = { environment, config, apiUrl, ...local, bundle, adopt };
  return stackOutputs(environment, config, new Environment(environment, args));
}

/**
 * All values that the stack's configuration holds under `<project>:`, without that prefix. Objects arrive as JSON,
 * everything else as text; secrets are decrypted.
 */
export function pulumiConfigValues(project: string): Record<string, unknown> {
  const prefix = `${project}:`;
  const entries = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, text]) => [key.slice(prefix.length), parsed(text)] as const);
  return Object.fromEntries(entries);
}

function parsed(text: string): unknown {
  if (!text.startsWith("{") && !text.startsWith("[")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
