import * as pulumi from "@pulumi/pulumi";

import { parseEnvironment } from "../config/parse.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Environment } from "./environment.ts";
import { type PendingOutputs, stackOutputs } from "./outputs.ts";
import { pulumiConfigValues } from "./pulumi-config.ts";
import { requireWorkspace } from "./workspace.ts";

export interface ProgramOptions {
  readonly clock?: Clock;
  /** Namespaces that exist and are taken up in this run: Cloudflare's id by name. */
  readonly adopt?: Readonly<Record<string, string>>;
}

/**
 * The Pulumi program. `index.ts` calls it for `pulumi up`, the engine for `kvshift up`: a function that builds the
 * resources each time, because a second import of a module builds nothing and the engine would delete everything.
 * The clock only refuses expired dates; nothing that is created depends on it.
 */
export function buildEnvironment({ clock = systemClock, adopt = {} }: ProgramOptions = {}): PendingOutputs {
  const environment = pulumi.getStack();
  const config = parseEnvironment(pulumiConfigValues("kvshift"), {
    environment,
    now: clock.now(),
    secrets: "decrypted",
  });
  requireWorkspace(process.env, config);
  const apiUrl = process.env["CLOUDFLARE_BASE_URL"];
  return stackOutputs(environment, config, new Environment(environment, { environment, config, apiUrl, adopt }));
}
