import type { Neighbour } from "../../src/policy/model.ts";
import { neighbour } from "./well-formed-stack.ts";

/** The part of a `Pulumi.<environment>.yaml` that says what other environments need to know. */
export function environmentFile(changes: Partial<Omit<Neighbour, "environment">> = {}): string {
  const { app, kind, access, accountId, services, renderEnvironmentId } = neighbour("any", {
    services: [`srv-${"n".repeat(20)}`],
    ...changes,
  });
  return [
    "config:",
    `  kvshift:app: ${app}`,
    `  kvshift:kind: ${kind}`,
    `  kvshift:access: ${access}`,
    "  kvshift:phase: kv",
    "  kvshift:cloudflare:",
    `    accountId: "${accountId}"`,
    "  kvshift:render:",
    `    services: [${services.join(", ")}]`,
    ...(renderEnvironmentId === undefined ? [] : [`    environmentId: ${renderEnvironmentId}`]),
    "",
  ].join("\n");
}
