import { describe, expect, it } from "vitest";

import { AppError } from "../../../../src/core/app-error.ts";
import { candidatesOf } from "../../../../src/flows/init/candidates.ts";
import { gather, type GatherOptions } from "../../../../src/flows/init/gather.ts";
import { Interview } from "../../../../src/flows/init/interview.ts";
import type { InitOptions } from "../../../../src/flows/init/options.ts";
import { type EmulatedVendorsOptions, emulateVendors } from "./emulated-vendors.ts";
import {
  ACCOUNT,
  exampleAnswers,
  OTHER_ACCOUNT,
  OTHER_OWNER,
  OTHER_SERVICE,
  OWNER,
  productionAnswers,
  RENDER_ENVIRONMENT,
  SERVICE,
} from "./example-answers.ts";
import { type ScriptedAnswer, scriptedPrompts } from "./scripted-prompts.ts";

interface World extends Partial<Omit<GatherOptions, "options" | "interview" | "candidates">> {
  readonly options?: Partial<InitOptions>;
  readonly vendors?: EmulatedVendorsOptions;
  /** Whether no flag says the access; else it is `rest` where the options do not say another. */
  readonly asksAccess?: boolean;
}

function start(
  { options, vendors, asksAccess, ...more }: World,
  prompts?: ReturnType<typeof scriptedPrompts>["prompts"],
) {
  const emulated = emulateVendors(vendors);
  const answers = gather({
    options: { stack: "staging", ...(asksAccess === true ? {} : { access: "rest" }), ...options },
    interview: new Interview(prompts),
    candidates: candidatesOf(emulated.vendors, new Map()),
    suggestedApp: undefined,
    workspaceOfProvider: undefined,
    ...more,
  });
  return { answers, ...emulated };
}

/** Lines of the error for everything that is missing. */
async function missing(world: World): Promise<readonly string[]> {
  const error: unknown = await start(world).answers.catch((reason: unknown) => reason);
  if (error instanceof AppError && error.code === "USAGE") return error.details;
  throw error;
}

async function asked(world: World, ...script: readonly ScriptedAnswer[]) {
  const { prompts, asked } = scriptedPrompts(...script);
  const answers = await start(world, prompts).answers;
  return { answers, asked, questions: asked.map(({ question }) => question) };
}

const FLAGS = {
  kind: "development",
  app: "brainbot",
  account: ACCOUNT,
  workspace: OWNER,
  service: [SERVICE],
  namespace: ["sessions:eventual:86400"],
} as const satisfies Partial<InitOptions>;
const ONE_OF_EACH: EmulatedVendorsOptions = {
  accounts: [{ id: ACCOUNT, name: "first" }],
  owners: [{ id: OWNER, name: "brainbot" }],
  services: [{ id: SERVICE, name: "api", ownerId: OWNER }],
  projects: [],
  environments: [],
};

describe("gather where nobody can answer", () => {
  it("takes everything from flags, and asks no vendor for it", async () => {
    const { answers, cloudflare, render } = start({ options: FLAGS });
    expect(await answers).toEqual(exampleAnswers());
    expect([...cloudflare.requestLog.entries, ...render.requestLog.entries]).toEqual([]);
  });

  it("takes account, workspace and service from the vendors where there is one of each", async () => {
    const { account: _a, workspace: _w, service: _s, ...options } = FLAGS;
    expect(await start({ options, vendors: ONE_OF_EACH }).answers).toEqual(exampleAnswers());
  });

  it("names every flag that is missing together, with what it may be", async () => {
    expect(await missing({})).toEqual([
      "--kind development (everything can be removed)",
      "--kind production (protected; credentials expire and are bound to addresses)",
      "--app: expected lower-case letters, digits and dashes, a letter first",
      `--account ${ACCOUNT} (first)`,
      `--account ${OTHER_ACCOUNT} (second)`,
      `--workspace ${OWNER} (brainbot)`,
      `--workspace ${OTHER_OWNER} (elsewhere)`,
      "--service: expected srv- or crn- and 20 lower-case letters or digits, of that workspace",
      "--namespace: expected one <name>:<class>[:<ttl>] or more, such as sessions:eventual:86400",
    ]);
  });

  it("names the services of the workspace that is given", async () => {
    const { service: _service, ...options } = FLAGS;
    expect(await missing({ options })).toEqual([
      `--service ${SERVICE} (api, web_service)`,
      `--service ${OTHER_SERVICE} (jobs, background_worker)`,
    ]);
  });

  it("names flags that are wrong beside those that are missing, each once", async () => {
    const options = { ...FLAGS, kind: "production", namespace: ["sessions"], account: "0d3a" } as const;
    expect((await missing({ options })).map((line) => line.split(":")[0])).toEqual([
      "--account",
      "--namespace",
      "--allowed-ip",
    ]);
  });

  it("asks for --account where Cloudflare lists none, and says why", async () => {
    const { account: _account, ...options } = FLAGS;
    const [line] = await missing({ options, vendors: { tokenOf: "account" } });
    expect(line).toMatch(
      /^--account: expected 32 .* digits; Cloudflare lists no account \(GET \/accounts: answered 400; 1001: /,
    );
    const withoutAny = await missing({ options, vendors: { accounts: [] } });
    expect(withoutAny).toEqual([expect.stringContaining("(the token reaches none)")]);
  });

  it("says that there is no workspace or no service to choose from", async () => {
    const { workspace: _workspace, service: _service, ...options } = FLAGS;
    const empty = { ...ONE_OF_EACH, services: [] };
    expect(await missing({ options, vendors: empty })).toEqual([
      "--service: the workspace has no service; make one at Render first",
    ]);
    expect(await missing({ options: { ...options, service: [SERVICE] }, vendors: { ...empty, owners: [] } })).toEqual([
      "--workspace: RENDER_API_KEY reaches no workspace",
    ]);
  });

  it("takes the workspace that Render's provider would take", async () => {
    const { workspace: _workspace, ...options } = FLAGS;
    const { answers } = start({ options, workspaceOfProvider: OTHER_OWNER });
    expect(await answers).toMatchObject({ ownerId: OTHER_OWNER });
    expect(await start({ options: FLAGS, workspaceOfProvider: OTHER_OWNER }).answers).toMatchObject({ ownerId: OWNER });
  });

  it("takes pr-<number> for a preview", async () => {
    const { kind: _kind, ...options } = FLAGS;
    const { answers } = start({ options: { ...options, stack: "pr-7" } });
    expect(await answers).toEqual(exampleAnswers({ environment: "pr-7", kind: "preview" }));
  });

  it("lets credentials of production live a year, and takes the services' addresses for those of operators", async () => {
    const { answers } = start({ options: { ...FLAGS, kind: "production", allowedIp: ["203.0.113.10"] } });
    const allowedIps = ["203.0.113.10/32"];
    expect(await answers).toEqual(
      productionAnswers({ environment: "staging", allowedIps, operatorIps: allowedIps, expiresInDays: 365 }),
    );
  });

  it("takes what flags say of addresses, days, phase and Render's environment", async () => {
    const { answers } = start({
      options: {
        ...FLAGS,
        renderEnvironment: RENDER_ENVIRONMENT,
        phase: "redis",
        upstashUrl: "https://example.upstash.io",
        allowedIp: ["10.0.0.0/8"],
        operatorIp: ["203.0.113.20"],
        expiresIn: "30",
      },
    });
    expect(await answers).toEqual(
      exampleAnswers({
        environmentId: RENDER_ENVIRONMENT,
        phase: "redis",
        upstashUrl: "https://example.upstash.io",
        allowedIps: ["10.0.0.0/8"],
        operatorIps: ["203.0.113.20/32"],
        expiresInDays: 30,
      }),
    );
  });

  it("needs the address of Redis in the phases that use it", async () => {
    expect(await missing({ options: { ...FLAGS, phase: "dual" } })).toEqual([
      "--upstash-url: expected an https URL without user, password and query",
    ]);
  });
});

describe("gather with a person", () => {
  it("asks for everything that no flag says, and offers what vendors and project have", async () => {
    const script = [
      "production",
      undefined,
      OTHER_ACCOUNT,
      OWNER,
      [SERVICE, OTHER_SERVICE],
      "cache:eventual",
      "kv",
    ] as const;
    const { answers, asked: questions } = await asked(
      { suggestedApp: "brainbot" },
      ...script,
      "203.0.113.10, 203.0.113.11",
      undefined,
    );
    const networks = ["203.0.113.10/32", "203.0.113.11/32"];
    expect(answers).toEqual(
      productionAnswers({
        environment: "staging",
        accountId: OTHER_ACCOUNT,
        services: [SERVICE, OTHER_SERVICE],
        namespaces: [{ name: "cache", consistency: "eventual", defaultTtlSeconds: 3600 }],
        allowedIps: networks,
        operatorIps: networks,
      }),
    );
    expect(questions.map(({ choices }) => choices)).toEqual([
      ["development", "production"],
      undefined,
      [ACCOUNT, OTHER_ACCOUNT],
      [OWNER, OTHER_OWNER],
      [SERVICE, OTHER_SERVICE],
      undefined,
      ["kv", "redis", "dual"],
      undefined,
      undefined,
    ]);
    expect(questions.map(({ suggested }) => suggested).filter((text) => text !== undefined)).toEqual([
      "brainbot",
      "sessions:eventual:86400 cache:eventual:3600",
      networks.join(" "),
    ]);
  });

  it("asks for nothing but the phase where flags say the rest", async () => {
    const { questions } = await asked({ options: { ...FLAGS, service: [OTHER_SERVICE] } }, "kv");
    expect(questions).toEqual(["Where does the application keep its data today?"]);
  });

  it("asks for the address of Redis, and says that no token is", async () => {
    const { answers, questions } = await asked(
      { options: { ...FLAGS, service: [OTHER_SERVICE] } },
      "dual",
      "https://example.upstash.io",
    );
    expect(answers).toMatchObject({ phase: "dual", upstashUrl: "https://example.upstash.io" });
    expect(questions.at(-1)).toContain("The token is not asked for");
  });

  it("asks for the id where Cloudflare lists no account", async () => {
    const { account: _account, ...options } = FLAGS;
    const world = { options: { ...options, service: [OTHER_SERVICE] }, vendors: { tokenOf: "account" } } as const;
    expect((await asked(world, ACCOUNT, "kv")).answers.accountId).toBe(ACCOUNT);
    await expect(asked(world, "0d3a", "kv")).rejects.toThrow("expected 32 lower-case hexadecimal digits");
  });

  it.each([
    [RENDER_ENVIRONMENT, RENDER_ENVIRONMENT],
    ["none", undefined],
  ])("offers the environment that all services are in, and takes %s", async (answer, environmentId) => {
    const { answers, asked: questions } = await asked({ options: FLAGS }, answer, "kv");
    expect(answers.environmentId).toBe(environmentId);
    expect(questions[0]?.choices).toEqual([RENDER_ENVIRONMENT, "none"]);
  });

  it("offers no environment where one of the services is outside it", async () => {
    const { answers, questions } = await asked({ options: { ...FLAGS, service: [SERVICE, OTHER_SERVICE] } }, "kv");
    expect([answers.environmentId, questions.length]).toEqual([undefined, 1]);
  });

  it("asks nothing where a flag is wrong", async () => {
    await expect(asked({ options: { app: "Brainbot" } })).rejects.toMatchObject({
      code: "USAGE",
      details: ["--app: expected lower-case letters, digits and dashes, a letter first"],
    });
  });

  it.each([
    ["sessions", "is not <name>:<class>"],
    ["sessions:strong", 'sessions.consistency: found "strong" under access: rest'],
    ["cache:eventual:30", "cache.defaultTtlSeconds: found 30"],
    ["Cache:eventual", 'Cache: found the name "Cache"'],
    ["a-b:eventual a_b:eventual", "expected a name of lower-case letters"],
    [" ", "expected at least one"],
  ])("takes no namespaces like %j", async (text, problem) => {
    const { namespace: _namespace, ...options } = FLAGS;
    await expect(asked({ options: { ...options, service: [OTHER_SERVICE] } }, text)).rejects.toThrow(problem);
  });

  it.each(["", "203.0.113.10 everywhere"])("takes no addresses like %j", async (text) => {
    const options = { ...FLAGS, kind: "production", service: [OTHER_SERVICE], phase: "kv" } as const;
    await expect(asked({ options }, text)).rejects.toThrow("expected a network");
  });
});

describe("gather of the access", () => {
  it("names both where nobody can answer: none is taken silently", async () => {
    const lines = await missing({ options: FLAGS, asksAccess: true });
    expect(lines.map((line) => line.split(" (")[0])).toEqual(["--access gateway", "--access rest"]);
  });

  it("offers the gateway first, and strong sessions behind it", async () => {
    const { namespace: _namespace, ...options } = FLAGS;
    const world = { options: { ...options, service: [OTHER_SERVICE] }, asksAccess: true } as const;
    const { answers, asked: questions } = await asked(world, "gateway", "brainbot", undefined, "kv");
    expect(questions[0]?.choices).toEqual(["gateway", "rest"]);
    expect(answers).toMatchObject({
      access: "gateway",
      workersSubdomain: "brainbot",
      namespaces: [
        { name: "sessions", consistency: "strong" },
        { name: "cache", consistency: "eventual" },
      ],
    });
  });
});

describe("gather for a gateway", () => {
  const gateway = { ...FLAGS, access: "gateway" } as const;

  it("takes its address from flags", async () => {
    const subdomain = await start({ options: { ...gateway, workersSubdomain: "brainbot" } }).answers;
    expect(subdomain).toMatchObject({ access: "gateway", workersSubdomain: "brainbot" });
    const named = await start({ options: { ...gateway, hostname: "kv.example.com", zone: ACCOUNT } }).answers;
    expect(named).toMatchObject({ hostname: { name: "kv.example.com", zoneId: ACCOUNT } });
    expect(named).not.toHaveProperty("workersSubdomain");
  });

  it("asks for it where no flag says it", async () => {
    const { prompts, asked } = scriptedPrompts("brainbot");
    const answers = await start({ options: { ...gateway, phase: "kv" }, vendors: ONE_OF_EACH }, prompts).answers;
    expect(asked.map(({ question }) => question)[0]).toContain("under workers.dev");
    expect(answers).toMatchObject({ workersSubdomain: "brainbot" });
  });

  it("offers the name that the account has under workers.dev", async () => {
    const { prompts, asked } = scriptedPrompts(undefined);
    const vendors = { ...ONE_OF_EACH, accounts: [{ id: ACCOUNT, name: "first", workersSubdomain: "brainbot-dev" }] };
    const answers = await start({ options: { ...gateway, phase: "kv" }, vendors }, prompts).answers;
    expect(asked[0]?.suggested).toBe("brainbot-dev");
    expect(answers).toMatchObject({ workersSubdomain: "brainbot-dev" });
    expect(await missing({ options: gateway, vendors })).toEqual([
      expect.stringMatching(/^--workers-subdomain: .*; that of the account is brainbot-dev$/),
    ]);
  });

  it("names both ways where nobody can answer", async () => {
    const lines = await missing({ options: gateway });
    expect(lines).toEqual([expect.stringMatching(/^--workers-subdomain: .* or --hostname and --zone$/)]);
  });

  it("asks nobody for it without a gateway", async () => {
    expect(await start({ options: FLAGS }).answers).not.toHaveProperty("workersSubdomain");
  });
});
