import { PREVIEW_NAME } from "../../config/formats.ts";
import type { Choice } from "../../core/ask.ts";
import type { Access, EnvironmentKind, Phase } from "../../core/names.ts";
import type { Answers, NamespaceAnswer } from "./answers.ts";
import { askRender } from "./ask-render.ts";
import type { Candidates } from "./candidates.ts";
import { needsToken } from "./configuration.ts";
import { FIELDS } from "./field.ts";
import { asNetwork, readFlags, readNamespaces } from "./flags.ts";
import type { Interview } from "./interview.ts";
import { type NamespacePlace, namespacesProblem } from "./namespaces-problem.ts";
import type { InitOptions } from "./options.ts";

export interface GatherOptions {
  readonly options: InitOptions;
  readonly interview: Interview;
  readonly candidates: Candidates;
  /** What a person is offered: the application of the project's other environments. */
  readonly suggestedApp: string | undefined;
  /** `RENDER_OWNER_ID`, which Render's provider and every other command go by. */
  readonly workspaceOfProvider: string | undefined;
}

const PRODUCTION_DAYS = 365;
const SUGGESTED_NAMESPACES: Readonly<Record<Access, string>> = {
  gateway: "sessions:strong:86400 cache:eventual:3600",
  rest: "sessions:eventual:86400 cache:eventual:3600",
};
/** What most are to have comes first. */
const ACCESSES: readonly Choice<Access>[] = [
  {
    value: "gateway",
    label: "gateway",
    hint: "a Worker of the environment: credentials for its namespaces alone, and strong namespaces",
  },
  {
    value: "rest",
    label: "rest",
    hint: "Cloudflare's own API: tokens reach a whole account, about four calls a second",
  },
];
const KINDS: readonly Choice<EnvironmentKind>[] = [
  { value: "development", label: "development", hint: "everything can be removed" },
  { value: "production", label: "production", hint: "protected; credentials expire and are bound to addresses" },
];
const PREVIEW: Choice<EnvironmentKind> = { value: "preview", label: "preview" };
const PHASES: readonly Choice<Phase>[] = [
  { value: "kv", label: "kv", hint: "KV serves alone: a new application" },
  { value: "redis", label: "redis", hint: "Redis serves, KV is prepared" },
  { value: "dual", label: "dual", hint: "both are written" },
];

/**
 * All answers: from flags, from the vendors where there is one choice only, from a person otherwise.
 *
 * @throws AppError USAGE with every flag that is wrong, or missing where nobody can be asked
 */
export async function gather(from: GatherOptions): Promise<Answers> {
  const { options, interview, suggestedApp } = from;
  const { given, wrong } = readFlags(options);
  for (const line of wrong) interview.lacks(line);
  // A person need not answer everything to learn that a flag is wrong.
  if (interview.canAsk && interview.isIncomplete) throw interview.incomplete();
  const { stack: environment } = options;
  const kind = options.kind ?? (await askKind(interview, environment));
  const app = options.app ?? (await askApp(interview, suggestedApp));
  const accountId = options.account ?? (await askAccount(from));
  const access = options.access ?? (await askAccess(interview));
  const address = access === "gateway" ? await askAddress(from, accountId) : {};
  const { ownerId, services, environmentId } = await askRender(from);
  const namespaces =
    given.namespaces ?? (options.namespace ? [] : await askNamespaces(interview, { app, environment, access }));
  const phase = options.phase ?? (await askPhase(interview));
  const upstashUrl = needsToken(phase) ? (options.upstashUrl ?? (await askUpstashUrl(interview))) : undefined;
  const isProduction = kind === "production";
  const allowedIps = given.allowedIps ?? (isProduction ? await askServiceNetworks(interview) : []);
  const operatorIps =
    given.operatorIps ?? (isProduction ? await askOperatorNetworks(interview, allowedIps) : allowedIps);
  if (kind === undefined || app === undefined || accountId === undefined || ownerId === undefined) {
    throw interview.incomplete();
  }
  if (access === undefined || interview.isIncomplete) throw interview.incomplete();
  return {
    environment,
    kind,
    app,
    access,
    phase,
    ...(upstashUrl === undefined ? {} : { upstashUrl }),
    accountId,
    ...address,
    ownerId,
    services,
    ...(environmentId === undefined ? {} : { environmentId }),
    namespaces,
    allowedIps,
    operatorIps,
    expiresInDays: given.expiresInDays ?? (isProduction ? PRODUCTION_DAYS : "never"),
  };
}

function askKind(interview: Interview, environment: string): Promise<EnvironmentKind | undefined> {
  const choices = PREVIEW_NAME.test(environment) ? [PREVIEW] : KINDS;
  return interview.choose({ flag: "--kind", text: `What kind of environment is ${environment}?` }, choices);
}

function askApp(interview: Interview, suggested: string | undefined): Promise<string | undefined> {
  const { expected, problemOf } = FIELDS.app;
  return interview.write({ flag: "--app", text: "What is the application called?" }, expected, {
    problemOf,
    ...(suggested === undefined ? {} : { suggested }),
  });
}

async function askAccount({ interview, candidates }: GatherOptions): Promise<string | undefined> {
  const { choices, refusal = "the token reaches none" } = await candidates.accounts();
  if (choices.length > 0) {
    return interview.choose({ flag: "--account", text: "Which Cloudflare account holds the data?" }, choices);
  }
  const { expected, problemOf } = FIELDS.accountId;
  return interview.write(
    { flag: "--account", text: "What is the id of the Cloudflare account? It is in the dashboard's address bar." },
    `${expected}; Cloudflare lists no account (${refusal})`,
    { problemOf },
  );
}

function askAccess(interview: Interview): Promise<Access | undefined> {
  return interview.choose({ flag: "--access", text: "How do the services reach KV?" }, ACCESSES);
}

async function askAddress(
  { options: { workersSubdomain: given, hostname, zone }, interview, candidates }: GatherOptions,
  accountId: string | undefined,
): Promise<Pick<Answers, "workersSubdomain" | "hostname">> {
  const named = hostname !== undefined && zone !== undefined ? { hostname: { name: hostname, zoneId: zone } } : {};
  if (given !== undefined || hostname !== undefined) {
    return { ...(given === undefined ? {} : { workersSubdomain: given }), ...named };
  }
  const { expected, problemOf } = FIELDS.workersSubdomain;
  const suggested = accountId === undefined ? undefined : await candidates.workersSubdomain(accountId);
  const workersSubdomain = await interview.write(
    {
      flag: "--workers-subdomain",
      text: "What is the account called under workers.dev? The dashboard shows it under Workers & Pages.",
    },
    `${expected}; or --hostname and --zone${suggested === undefined ? "" : `; that of the account is ${suggested}`}`,
    { problemOf, ...(suggested === undefined ? {} : { suggested }) },
  );
  return workersSubdomain === undefined ? {} : { workersSubdomain };
}

async function askNamespaces(interview: Interview, place: NamespacePlace): Promise<readonly NamespaceAnswer[]> {
  const text = await interview.write(
    { flag: "--namespace", text: "Which namespaces? Each <name>:<class>:<lifetime in seconds>, with blanks between." },
    "one <name>:<class>[:<ttl>] or more, such as sessions:eventual:86400",
    {
      suggested: SUGGESTED_NAMESPACES[place.access ?? "rest"],
      problemOf: (text) => {
        const namespaces = readNamespaces(wordsOf(text));
        if (typeof namespaces === "string") return namespaces;
        return namespaces.length === 0 ? "expected at least one" : namespacesProblem(namespaces, place);
      },
    },
  );
  const namespaces = readNamespaces(wordsOf(text ?? ""));
  return typeof namespaces === "string" ? [] : namespaces;
}

/** Where nobody can answer it is `kv`: the only phase whose file needs no secret. */
async function askPhase(interview: Interview): Promise<Phase> {
  if (!interview.canAsk) return "kv";
  const question = { flag: "--phase", text: "Where does the application keep its data today?" };
  return (await interview.choose(question, PHASES)) ?? "kv";
}

function askUpstashUrl(interview: Interview): Promise<string | undefined> {
  const { expected, problemOf } = FIELDS.restUrl;
  const question = { flag: "--upstash-url", text: "What is UPSTASH_REDIS_REST_URL? The token is not asked for." };
  return interview.write(question, expected, { problemOf });
}

function askServiceNetworks(interview: Interview): Promise<readonly string[]> {
  return askNetworks(
    interview,
    "--allowed-ip",
    "Which addresses do the services have? Render: Connect, Outbound. Blanks or commas between.",
  );
}

/** Where nobody can answer, operators are where the services are: the narrowest that is known. */
async function askOperatorNetworks(interview: Interview, ofServices: readonly string[]): Promise<readonly string[]> {
  if (!interview.canAsk) return ofServices;
  return askNetworks(
    interview,
    "--operator-ip",
    "From which addresses do operators work? Blanks or commas between.",
    ofServices,
  );
}

async function askNetworks(
  interview: Interview,
  flag: string,
  text: string,
  suggested: readonly string[] = [],
): Promise<readonly string[]> {
  const { expected, problemOf } = FIELDS.network;
  const answer = await interview.write({ flag, text }, expected, {
    problemOf: (line) => {
      const networks = wordsOf(line).map(asNetwork);
      return networks.length === 0 ? `expected ${expected}` : networks.map(problemOf).find((found) => found);
    },
    ...(suggested.length === 0 ? {} : { suggested: suggested.join(" ") }),
  });
  return wordsOf(answer ?? "").map(asNetwork);
}

function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
