import { isDeepStrictEqual } from "node:util";

import { parseEnvironmentFile } from "../../config/file.ts";
import { needsQuotes } from "../../config/quoting.ts";
import { AppError } from "../../core/app-error.ts";
import { type Role, ROLES } from "../../core/names.ts";
import type { Answers, NamespaceAnswer, Names } from "./answers.ts";
import { addressOf, configurationOf, datesOf, needsToken, TOKEN_TO_COME } from "./configuration.ts";

/** Goes into Upstash's part of the file only to check it: the real one comes from Pulumi. */
const TOKEN_LINE = `    restToken: { secure: ${TOKEN_TO_COME} }`;

/**
 * The text of `Pulumi.<environment>.yaml`. It is valid as it stands, or, in the phases that use Redis, once Pulumi has
 * put the encrypted token into it: anything else is a bug. `now`: milliseconds since the epoch.
 *
 * @throws AppError BUG where it says something else than the answers
 */
export function environmentFileText(answers: Answers, names: Names, now: number): string {
  const { environment } = answers;
  const lines = fileLines(answers, names, now);
  const complete = lines.flatMap((line) => (line === TOKEN_PLACE ? TOKEN_LINE : line)).join("\n");
  const { config } = parseEnvironmentFile(complete, { environment, now, file: `Pulumi.${environment}.yaml` });
  if (!isDeepStrictEqual(config, configurationOf(answers, now))) {
    throw new AppError("BUG", {
      problem: "The file that was made says something else than the answers.",
      fix: "Report this with the command line, or copy Pulumi.dev.yaml and change it.",
    });
  }
  return `${lines.filter((line) => line !== TOKEN_PLACE).join("\n")}\n`;
}

const TOKEN_PLACE = "<token>";

function fileLines(answers: Answers, names: Names, now: number): string[] {
  const { environment, kind, app, access } = answers;
  return [
    `# Environment ${environment} of ${app}. Every key: docs/configuration.md of kvshift.`,
    "config:",
    `  kvshift:kind: ${kind}`,
    `  kvshift:app: ${scalar(app)}`,
    `  kvshift:access: ${access}`,
    ...phaseLines(answers),
    ...cloudflareLines(answers, names),
    "  # Lifetimes are in seconds: 86400 is a day.",
    "  kvshift:namespaces:",
    ...answers.namespaces.flatMap(namespaceLines),
    ...renderLines(answers, names),
    "  # Two slots a role: a rotation fills the empty one before the live one ends.",
    "  kvshift:credentials:",
    ...ROLES.flatMap((role) => roleLines(role, answers, now)),
  ];
}

function phaseLines({ environment, phase, upstashUrl = "" }: Answers): string[] {
  if (!needsToken(phase)) {
    return [
      "  # KV serves alone. What still lives in Redis begins with `redis`: from `kv` there is no way back.",
      `  kvshift:phase: ${phase}`,
    ];
  }
  return [
    `  # ${phase === "redis" ? "Redis serves, KV exists" : "Both stores are written"}; the next steps: docs/configuration.md.`,
    `  kvshift:phase: ${phase}`,
    "  kvshift:upstash:",
    `    restUrl: ${JSON.stringify(upstashUrl)}`,
    "    # Beside it stands restToken, encrypted. This asks for it, or takes it from standard input:",
    `    # ${setTokenCommand(environment)}`,
    TOKEN_PLACE,
  ];
}

/** The command that puts Upstash's token into the file, encrypted. */
export function setTokenCommand(environment: string): string {
  return `npx kvshift secret set --stack ${environment}`;
}

function cloudflareLines(answers: Answers, names: Names): string[] {
  const { kind, access, accountId } = answers;
  const why =
    access === "rest"
      ? "a token reaches every namespace of its account"
      : "whoever may deploy a Worker there reaches every namespace";
  const address = Object.entries(addressOf(answers)).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`);
  return [
    ...(kind === "production" ? [`  # An account of its own: ${why}.`] : []),
    "  kvshift:cloudflare:",
    `    accountId: ${JSON.stringify(accountId)}${nameOf(accountId, names)}`,
    ...address,
  ];
}

function namespaceLines({ name, consistency, defaultTtlSeconds }: NamespaceAnswer): string[] {
  return [
    `    ${scalar(name)}:`,
    `      consistency: ${consistency}`,
    `      defaultTtlSeconds: ${String(defaultTtlSeconds)}`,
  ];
}

function renderLines({ ownerId, services, environmentId }: Answers, names: Names): string[] {
  return [
    "  kvshift:render:",
    `    ownerId: ${ownerId}${nameOf(ownerId, names)}`,
    ...(environmentId === undefined ? [] : [`    environmentId: ${environmentId}${nameOf(environmentId, names)}`]),
    "    services:",
    ...services.map((id) => `      - ${id}${nameOf(id, names)}`),
  ];
}

const MEANINGS: Readonly<Record<Role, string>> = {
  application: "What the services hold.",
  operator: "For bulk work and migration; no service gets it.",
};
const ADDRESSES: Readonly<Record<Role, string>> = {
  application: 'The addresses that Render shows under "Connect", "Outbound", of each service.',
  operator: "The addresses of those who operate the environment.",
};

function roleLines(role: Role, answers: Answers, now: number): string[] {
  const networks = role === "application" ? answers.allowedIps : answers.operatorIps;
  const { mintedAt, expiresAt } = datesOf(answers, now);
  const dates = `mintedAt: ${JSON.stringify(mintedAt)}, expiresAt: ${scalar(expiresAt)}`;
  return [
    `    # ${MEANINGS[role]}`,
    `    ${role}:`,
    "      active: a",
    ...(networks.length === 0
      ? []
      : [
          `      # ${ADDRESSES[role]}`,
          "      allowedIps:",
          ...networks.map((network) => `        - ${JSON.stringify(network)}`),
        ]),
    "      slots:",
    `        a: { epoch: 1, state: live, ${dates} }`,
    "        b: { epoch: 0, state: empty }",
  ];
}

/** Plain where every YAML reader takes it for text. */
function scalar(text: string): string {
  return /^[a-z][a-z0-9-]*$/.test(text) && !needsQuotes(text) ? text : JSON.stringify(text);
}

function nameOf(id: string, names: Names): string {
  const name = names.get(id) ?? "";
  return name === "" ? "" : ` # ${name}`;
}
