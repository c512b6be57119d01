import { nameStem, readsLikePreview } from "../core/names.ts";
import { Secret } from "../core/secret.ts";
import { type Check, type CheckContext, type PartialConfig, unless } from "./check.ts";
import { credentialChecks } from "./credential-checks.ts";
import { ENVIRONMENT_NAME, PREVIEW_NAME } from "./formats.ts";
import { gatewayChecks } from "./gateway-checks.ts";
import { namespaceChecks } from "./namespace-checks.ts";
import { describeValue, type Problem } from "./problems.ts";

const environmentName: Check = {
  rule: "The environment's name is 1 to 32 lower-case letters, digits and dashes, no dash at either end.",
  find: (_config, { environment }) =>
    unless(ENVIRONMENT_NAME.test(environment), [], {
      label: "the environment's name",
      found: describeValue(environment),
      expected: "1 to 32 lower-case letters, digits and dashes, no dash at either end",
      fix: "rename the environment and its file",
    }),
};

const previewName: Check = {
  rule: "An environment is named `pr-<number>` if, and only if, its kind is `preview`.",
  find: ({ kind }, { environment }) => {
    if (kind === undefined) return [];
    const named = PREVIEW_NAME.test(environment);
    return unless((kind === "preview") === named, ["kind"], {
      found: `${describeValue(kind)} in the environment ${describeValue(environment)}`,
      expected: named
        ? "preview: pr-<number> is the name of a preview"
        : "development or production, or the name pr-<number>",
      fix: named
        ? "write kind: preview, or rename the environment"
        : "rename the environment to pr-<number>, or change kind",
    });
  },
};

const distinctFromPreviews: Check = {
  rule: "No name of another environment reads like that of a preview: application, environment and namespace together hold no `-pr-<number>`.",
  find: ({ app, namespaces }, { environment }) => {
    if (app === undefined) return [];
    // A preview's own number is where it has to be.
    const isPreview = PREVIEW_NAME.test(environment);
    const stem = isPreview ? app : nameStem(app, environment);
    const names = isPreview ? [] : Object.keys(namespaces ?? {});
    const fix = "rename it: `kvshift pr sweep` of another application could take its objects for those of a preview";
    const expected = "names that no preview has: <app>-pr-<number>-…";
    return [
      ...unless(!readsLikePreview(stem), ["app"], {
        found: `${describeValue(app)} in the environment ${describeValue(environment)}`,
        expected,
        fix,
      }),
      ...names.flatMap((name) =>
        unless(readsLikePreview(stem) || !readsLikePreview(`${stem}-${name}`), ["namespaces", name], {
          found: describeValue(name),
          expected,
          fix,
        }),
      ),
    ];
  },
};

const promotedToProduction: Check = {
  rule: "`promotedFrom` stands only with kind `production`.",
  find: ({ kind, promotedFrom }) =>
    unless(promotedFrom === undefined || kind === undefined || kind === "production", ["promotedFrom"], {
      found: `${describeValue(promotedFrom)} in kind ${describeValue(kind)}`,
      expected: "no promotedFrom outside production",
      fix: "remove promotedFrom: an environment is promoted to production, and never back",
    }),
};

const redisIsReachable: Check = {
  rule: "Phases `redis` and `dual` need `upstash`.",
  find: (config) =>
    unless((config.phase !== "redis" && config.phase !== "dual") || Object.hasOwn(config, "upstash"), ["upstash"], {
      found: `nothing in phase ${String(config.phase)}`,
      expected: "a mapping with restUrl and restToken while Redis serves",
      fix: "add upstash with restUrl, and its token with `kvshift secret set`",
    }),
};

const readShareOnlyInDual: Check = {
  rule: "`readShare` stands only in phase `dual`.",
  find: ({ phase, readShare }) =>
    unless(readShare === undefined || phase === undefined || phase === "dual", ["readShare"], {
      found: `${String(readShare)} in phase ${String(phase)}`,
      expected: "no readShare outside phase dual",
      fix: "remove readShare",
    }),
};

const hostnameHasZone: Check = {
  rule: "`hostname` and `zoneId` stand together.",
  find: ({ cloudflare }) =>
    cloudflare === undefined
      ? []
      : (["hostname", "zoneId"] as const).flatMap((key) => {
          const other = key === "hostname" ? "zoneId" : "hostname";
          const holds = Object.hasOwn(cloudflare, key) || !Object.hasOwn(cloudflare, other);
          return unless(holds, ["cloudflare", key], {
            found: `nothing beside ${other}`,
            expected: "hostname and zoneId together",
            fix: `add ${key}, or remove ${other}`,
          });
        }),
};

const servicesAreDistinct: Check = {
  rule: "Each service, and each network of `allowedIps`, stands once.",
  find: ({ render, credentials }) => [
    ...repeated(render?.services, ["render", "services"]),
    ...repeated(credentials?.application?.allowedIps, ["credentials", "application", "allowedIps"]),
    ...repeated(credentials?.operator?.allowedIps, ["credentials", "operator", "allowedIps"]),
  ],
};

function repeated(items: readonly (string | undefined)[] = [], path: readonly string[]): readonly Problem[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const first = item === undefined || !seen.has(item);
    if (item !== undefined) seen.add(item);
    return unless(first, [...path, index], {
      found: `${describeValue(item)} a second time`,
      expected: "each entry once",
      fix: "remove the second one",
    });
  });
}

const tokenIsDecrypted: Check = {
  rule: "`restToken` stands encrypted in the file; a plain one is refused.",
  find: ({ upstash }, { secrets }) => {
    const token = upstash?.restToken;
    return unless(
      token === undefined || token instanceof Secret === (secrets === "decrypted"),
      ["upstash", "restToken"],
      {
        found: secrets === "decrypted" ? "a value that Pulumi did not decrypt" : "a secret in clear",
        expected: secrets === "decrypted" ? "the decrypted token" : "an encrypted value, { secure: … }",
        fix: "set it again with `kvshift secret set`",
      },
    );
  },
};

/** All rules over several keys. */
export const CHECKS: readonly Check[] = [
  environmentName,
  previewName,
  distinctFromPreviews,
  promotedToProduction,
  redisIsReachable,
  readShareOnlyInDual,
  hostnameHasZone,
  servicesAreDistinct,
  tokenIsDecrypted,
  ...gatewayChecks,
  ...namespaceChecks,
  ...credentialChecks,
];

/** What breaks a rule over several keys; pure, and silent about what is missing or malformed. */
export function crossFieldProblems(config: PartialConfig, context: CheckContext): Problem[] {
  return CHECKS.flatMap((check) => check.find(config, context));
}
