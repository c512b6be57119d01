import type { Answers } from "../../../../src/flows/init/answers.ts";

export const NOW = Date.parse("2026-12-01T12:34:56.789Z");
export const ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
export const OTHER_ACCOUNT = "9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6";
export const OWNER = "tea-d0000000000000000001";
export const OTHER_OWNER = "tea-e0000000000000000001";
export const SERVICE = "srv-d0000000000000000001";
export const OTHER_SERVICE = "srv-d0000000000000000002";
export const RENDER_ENVIRONMENT = "evm-d0000000000000000001";

/** Of a development environment, changed as a test wants. */
export function exampleAnswers(change: Partial<Answers> = {}): Answers {
  return {
    environment: "staging",
    kind: "development",
    app: "brainbot",
    access: "rest",
    phase: "kv",
    accountId: ACCOUNT,
    ownerId: OWNER,
    services: [SERVICE],
    namespaces: [{ name: "sessions", consistency: "eventual", defaultTtlSeconds: 86400 }],
    allowedIps: [],
    operatorIps: [],
    expiresInDays: "never",
    ...change,
  };
}

/** Of a production environment. */
export function productionAnswers(change: Partial<Answers> = {}): Answers {
  return exampleAnswers({
    environment: "live",
    kind: "production",
    allowedIps: ["203.0.113.10/32", "2001:db8::10/128"],
    operatorIps: ["203.0.113.20/32"],
    expiresInDays: 365,
    ...change,
  });
}
