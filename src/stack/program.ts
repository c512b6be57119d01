import * as pulumi from "@pulumi/pulumi";

import { parseEnvironment } from "../config/parse.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { timeScale } from "../config/time-scale.ts";
import { bundleGateway } from "./bundle.ts";
import { Environment } from "./environment.ts";
import { localWorkersUrl } from "./gateway-url.ts";
import type { Bundle } from "./gateway.ts";
import { type PendingOutputs, stackOutputs } from "./outputs.ts";
import { pulumiConfigValues } from "./pulumi-config.ts";
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
