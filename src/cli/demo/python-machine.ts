import type { Machine } from "../../../local-cloud/python/virtual-environment.ts";
import { definedOnly } from "../../core/defined.ts";
import { cacheFolder } from "../../engine/pulumi-cli/cache-folder.ts";

/** Where this checkout's commands make their virtual environments. */
export function machineOf(env: NodeJS.ProcessEnv): Machine {
  return { cache: cacheFolder(env), env: definedOnly(env) };
}
