import type { Access, EnvironmentKind, Phase } from "../../core/names.ts";
import { type OptionDefinition, STACK_OPTION } from "../define-command.ts";

/** The command line of `init`, as commander reads it. */
export const INIT_OPTIONS: readonly OptionDefinition[] = [
  { ...STACK_OPTION, description: "the new environment; its file is Pulumi.<environment>.yaml" },
  {
    flags: "--kind <kind>",
    description: "how much it is protected",
    choices: ["development", "production", "preview"] satisfies EnvironmentKind[],
  },
  { flags: "--app <name>", description: "the application: a part of the name of everything that is created" },
  { flags: "--account <id>", description: "the Cloudflare account that holds the data" },
  { flags: "--workspace <id>", description: "the Render workspace of the services (tea-…)" },
  {
    flags: "--service <id...>",
    description: "a Render service or cron job that gets the variables (srv-…, crn-…); repeatable",
  },
  {
    flags: "--render-environment <id>",
    description: "the environment of a Render project that the group belongs to (evm-…); default none",
  },
  {
    flags: "--namespace <name:class:ttl...>",
    description:
      "a namespace, its consistency class and the lifetime of its keys in seconds (3600 where left out); repeatable",
  },
  {
    flags: "--phase <phase>",
    description: "the step of the migration; default kv. In redis and dual the file waits for Upstash's token",
    choices: ["redis", "dual", "kv"] satisfies Phase[],
  },
  { flags: "--upstash-url <url>", description: "the REST address of the Redis that is left behind" },
  {
    flags: "--access <access>",
    description: "how services reach KV: a Worker of the environment, which `strong` needs, or Cloudflare's own API",
    choices: ["gateway", "rest"] satisfies Access[],
  },
  { flags: "--workers-subdomain <name>", description: "the account's name under workers.dev, for the gateway" },
  { flags: "--hostname <name>", description: "a host name of the gateway instead, in the zone of --zone" },
  { flags: "--zone <id>", description: "the zone of --hostname" },
  {
    flags: "--allowed-ip <network...>",
    description: "an address or network from which the services' token is accepted; repeatable, required in production",
  },
  {
    flags: "--operator-ip <network...>",
    description: "the same for the operators' token; default: those of --allowed-ip",
  },
  {
    flags: "--expires-in <days>",
    description: "how long credentials live; default 365 in production, elsewhere never",
  },
  { flags: "--dry-run", description: "print the file and write nothing" },
];
