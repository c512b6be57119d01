import { describe, expect, it } from "vitest";

import { parseEnvironmentFile } from "../../../../src/config/file.ts";
import { AppError } from "../../../../src/core/app-error.ts";
import type { Answers } from "../../../../src/flows/init/answers.ts";
import { environmentFileText } from "../../../../src/flows/init/file-text.ts";
import {
  ACCOUNT,
  exampleAnswers,
  NOW,
  OTHER_SERVICE,
  OWNER,
  productionAnswers,
  RENDER_ENVIRONMENT,
  SERVICE,
} from "./example-answers.ts";

const textOf = (answers: Answers, names: readonly (readonly [string, string])[] = []) =>
  environmentFileText(answers, new Map(names), NOW);
const parse = (text: string, environment: string) =>
  parseEnvironmentFile(text, { environment, now: NOW, file: `Pulumi.${environment}.yaml` }).config;

describe("the file of a new environment", () => {
  it("says for development what was answered, with dates from the clock and names as comments", () => {
    const answers = exampleAnswers({
      services: [SERVICE, OTHER_SERVICE],
      environmentId: RENDER_ENVIRONMENT,
      namespaces: [
        { name: "sessions", consistency: "eventual", defaultTtlSeconds: 86400 },
        { name: "cache", consistency: "eventual", defaultTtlSeconds: 3600 },
      ],
      expiresInDays: 90,
    });
    const names = [
      [ACCOUNT, "first account"],
      [OWNER, "brainbot"],
      [SERVICE, "api"],
      [RENDER_ENVIRONMENT, "staging"],
    ] as const;
    expect(textOf(answers, names)).toBe(`# Environment staging of brainbot. Every key: docs/configuration.md of kvshift.
config:
  kvshift:kind: development
  kvshift:app: brainbot
  kvshift:access: rest
  # KV serves alone. What still lives in Redis begins with \`redis\`: from \`kv\` there is no way back.
  kvshift:phase: kv
  kvshift:cloudflare:
    accountId: "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1" # first account
  # Lifetimes are in seconds: 86400 is a day.
  kvshift:namespaces:
    sessions:
      consistency: eventual
      defaultTtlSeconds: 86400
    cache:
      consistency: eventual
      defaultTtlSeconds: 3600
  kvshift:render:
    ownerId: tea-d0000000000000000001 # brainbot
    environmentId: evm-d0000000000000000001 # staging
    services:
      - srv-d0000000000000000001 # api
      - srv-d0000000000000000002
  # Two slots a role: a rotation fills the empty one before the live one ends.
  kvshift:credentials:
    # What the services hold.
    application:
      active: a
      slots:
        a: { epoch: 1, state: live, mintedAt: "2026-12-01T12:34:56Z", expiresAt: "2027-03-01T12:34:56Z" }
        b: { epoch: 0, state: empty }
    # For bulk work and migration; no service gets it.
    operator:
      active: a
      slots:
        a: { epoch: 1, state: live, mintedAt: "2026-12-01T12:34:56Z", expiresAt: "2027-03-01T12:34:56Z" }
        b: { epoch: 0, state: empty }
`);
  });

  it("binds the credentials of production to dates and addresses", () => {
    const text = textOf(productionAnswers());
    expect(text).toContain("# An account of its own: a token reaches every namespace of its account.\n");
    expect(text).toContain(`
      # The addresses that Render shows under "Connect", "Outbound", of each service.
      allowedIps:
        - "203.0.113.10/32"
        - "2001:db8::10/128"
`);
    const { application, operator } = parse(text, "live").credentials;
    expect(operator.allowedIps).toEqual(["203.0.113.20/32"]);
    expect(application.slots.a.expiresAt).toBe("2027-12-01T12:34:56Z");
  });

  it("is that of a preview for a preview", () => {
    const text = textOf(exampleAnswers({ environment: "pr-12", kind: "preview" }));
    expect(parse(text, "pr-12")).toMatchObject({ kind: "preview", credentials: { operator: { active: "a" } } });
    expect(text).toContain("expiresAt: never");
  });

  it.each(["redis", "dual"] as const)("lacks in phase %s nothing but the token, and says how to add it", (phase) => {
    const text = textOf(exampleAnswers({ phase, upstashUrl: "https://example-12345.upstash.io" }));
    expect(text).toContain("# npx kvshift secret set --stack staging\n");
    expect(() => parse(text, "staging")).toThrow(AppError);
    try {
      parse(text, "staging");
    } catch (error) {
      expect((error as AppError).details).toEqual([
        expect.stringMatching(/^kvshift:upstash\.restToken .*found nothing/),
      ]);
    }
    const complete = text.replace(/^( *)restUrl: .*$/m, "$&\n$1restToken: { secure: v1:fake:fake }");
    expect(parse(complete, "staging")).toMatchObject({
      phase,
      upstash: { restUrl: "https://example-12345.upstash.io", restToken: { secure: "v1:fake:fake" } },
    });
  });

  it("quotes what some reader of YAML takes for something else than text", () => {
    const namespaces = ["on", "null", "y"].map((name) => ({
      name,
      consistency: "eventual" as const,
      defaultTtlSeconds: 60,
    }));
    const text = textOf(exampleAnswers({ app: "no", namespaces }));
    expect(text).toContain('kvshift:app: "no"');
    expect(Object.keys(parse(text, "staging").namespaces)).toEqual(["on", "null", "y"]);
  });

  it("is refused as a bug where it would not say what was answered", () => {
    // A name is a comment: made harmless when it is learnt, it must not become a key here.
    const names = [[OWNER, `x\n    environmentId: ${RENDER_ENVIRONMENT}`]] as const;
    expect(() => textOf(exampleAnswers(), names)).toThrow(expect.objectContaining({ code: "BUG" }));
  });

  it("is not made of answers that make no configuration", () => {
    expect(() => textOf(exampleAnswers({ services: [] }))).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("the file of a new environment behind the gateway", () => {
  it("says where the gateway is, and keeps strong namespaces", () => {
    const namespaces = [{ name: "sessions", consistency: "strong", defaultTtlSeconds: 1 }] as const;
    const text = textOf(exampleAnswers({ access: "gateway", workersSubdomain: "brainbot", namespaces }));
    expect(text).toContain("  kvshift:access: gateway\n");
    expect(text).toContain('    workersSubdomain: "brainbot"\n');
    expect(parse(text, "staging")).toMatchObject({
      access: "gateway",
      cloudflare: { accountId: ACCOUNT, workersSubdomain: "brainbot" },
      namespaces: { sessions: { consistency: "strong", defaultTtlSeconds: 1 } },
    });
  });

  it("says its host name with the zone, and in production why the account is its own", () => {
    const hostname = { name: "kv.example.com", zoneId: ACCOUNT };
    const text = textOf(productionAnswers({ access: "gateway", hostname }));
    expect(text).toContain("  # An account of its own: whoever may deploy a Worker there reaches every namespace.\n");
    expect(parse(text, "live").cloudflare).toEqual({ accountId: ACCOUNT, hostname: "kv.example.com", zoneId: ACCOUNT });
  });
});
