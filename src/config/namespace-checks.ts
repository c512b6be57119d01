import { KV_LIMITS } from "../core/limits.ts";
import { namespaceIdVariable, namespaceTitle } from "../core/names.ts";
import { type Check, present, unless } from "./check.ts";
import { NAME } from "./formats.ts";
import { quote } from "./path.ts";
import type { Problem } from "./problems.ts";

const { MAX_NAMESPACES_PER_ACCOUNT, MAX_TITLE_CHARACTERS, MIN_EXPIRATION_TTL_SECONDS } = KV_LIMITS;

const count: Check = {
  rule: `An environment has 1 to ${String(MAX_NAMESPACES_PER_ACCOUNT)} namespaces.`,
  find: ({ namespaces }) => {
    if (!namespaces) return [];
    const found = Object.keys(namespaces).length;
    return unless(found >= 1 && found <= MAX_NAMESPACES_PER_ACCOUNT, ["namespaces"], {
      found: found === 0 ? "an empty mapping" : `${String(found)} namespaces`,
      expected: `1 to ${String(MAX_NAMESPACES_PER_ACCOUNT)} namespaces`,
      fix:
        found === 0 ? "add a namespace, such as cache" : "remove namespaces: Cloudflare allows no more in one account",
    });
  },
};

const names: Check = {
  rule: "Names of namespaces are lower-case letters, digits and dashes, a letter first, and not `constructor`.",
  find: ({ namespaces = {} }) =>
    Object.keys(namespaces).flatMap((name) =>
      // The engine's SDK takes outputs apart by what every object has under that name.
      unless(NAME.test(name) && name !== "constructor", ["namespaces", name], {
        found: `the name ${quote(name)}`,
        expected: "a name of lower-case letters, digits and dashes, a letter first, and not constructor",
        fix: "rename the namespace",
      }),
    ),
};

const collisions: Check = {
  rule: "Names of namespaces differ in more than case, and in the variables that they become.",
  find: ({ namespaces = {} }) => {
    const firstByVariable = new Map<string, string>();
    return Object.keys(namespaces).flatMap((name) => {
      const variable = namespaceIdVariable(name);
      const first = firstByVariable.get(variable);
      if (first === undefined) firstByVariable.set(variable, name);
      return first === undefined ? [] : [collision(first, name, variable)];
    });
  },
};

function collision(first: string, name: string, variable: string): Problem {
  const onlyCase = first.toLowerCase() === name.toLowerCase();
  return {
    path: ["namespaces", name],
    found: onlyCase
      ? `a name that differs from ${quote(first)} only in case`
      : `a name that becomes the variable ${quote(variable)}, as ${quote(first)} does`,
    expected: "names that differ in letters or digits",
    fix: "rename one of the two namespaces",
  };
}

const titles: Check = {
  rule: `The title \`<app>-<environment>-<name>\` has at most ${String(MAX_TITLE_CHARACTERS)} characters.`,
  find: ({ app, namespaces = {} }, { environment }) =>
    Object.keys(namespaces).flatMap((name) => {
      const { length } = app === undefined ? name : namespaceTitle(app, environment, name);
      return unless(length <= MAX_TITLE_CHARACTERS, ["namespaces", name], {
        found: `a title of ${String(length)} characters`,
        expected: `at most ${String(MAX_TITLE_CHARACTERS)} characters for <app>-<environment>-<name>`,
        fix: "shorten the namespace's name",
      });
    }),
};

const strongNeedsGateway: Check = {
  rule: "`consistency: strong` needs `access: gateway`: Workers KV, which `rest` reaches, cannot promise it.",
  find: ({ access, namespaces }) =>
    present(namespaces).flatMap(([name, namespace]) =>
      unless(access !== "rest" || namespace.consistency !== "strong", ["namespaces", name, "consistency"], {
        found: '"strong" under access: rest',
        expected: "eventual under access: rest: strong needs the gateway",
        fix: "write access: gateway, or consistency: eventual",
      }),
    ),
};

const shardsOnlyOnStrong: Check = {
  rule: "`shards` is only for `strong`.",
  find: ({ namespaces }) =>
    present(namespaces).flatMap(([name, { consistency, shards }]) =>
      unless(consistency !== "eventual" || shards === undefined, ["namespaces", name, "shards"], {
        found: String(shards),
        expected: "no such key on eventual, which Workers KV holds",
        fix: "remove shards",
      }),
    ),
};

const shortestTtl: Check = {
  rule: `On \`eventual\`, lifetimes are ${String(MIN_EXPIRATION_TTL_SECONDS)} seconds or more.`,
  find: ({ namespaces }) =>
    present(namespaces).flatMap(([name, namespace]) =>
      (["defaultTtlSeconds", "maxTtlSeconds"] as const).flatMap((key) => {
        const ttl = namespace[key];
        const holds = namespace.consistency !== "eventual" || ttl === undefined || ttl >= MIN_EXPIRATION_TTL_SECONDS;
        return unless(holds, ["namespaces", name, key], {
          found: String(ttl),
          expected: `${String(MIN_EXPIRATION_TTL_SECONDS)} or more: Workers KV keeps a key no shorter on eventual`,
          fix: `raise ${key} to ${String(MIN_EXPIRATION_TTL_SECONDS)} or more`,
        });
      }),
    ),
};

const defaultWithinMaximum: Check = {
  rule: "`defaultTtlSeconds` is at most `maxTtlSeconds`.",
  find: ({ namespaces }) =>
    present(namespaces).flatMap(([name, { defaultTtlSeconds, maxTtlSeconds }]) =>
      unless(
        defaultTtlSeconds === undefined || maxTtlSeconds === undefined || defaultTtlSeconds <= maxTtlSeconds,
        ["namespaces", name, "defaultTtlSeconds"],
        {
          found: String(defaultTtlSeconds),
          expected: `at most maxTtlSeconds, ${String(maxTtlSeconds)}`,
          fix: "lower defaultTtlSeconds or raise maxTtlSeconds",
        },
      ),
    ),
};

const cacheOnlyOnEventual: Check = {
  rule: "`cacheTtlSeconds` and `stalenessBudgetSeconds` are only for `eventual`.",
  find: ({ namespaces }) =>
    present(namespaces).flatMap(([name, namespace]) =>
      (["cacheTtlSeconds", "stalenessBudgetSeconds"] as const).flatMap((key) =>
        unless(namespace.consistency !== "strong" || namespace[key] === undefined, ["namespaces", name, key], {
          found: String(namespace[key]),
          expected: "no such key on strong, where reads are never stale",
          fix: `remove ${key}`,
        }),
      ),
    ),
};

const budgetCoversCache: Check = {
  rule: "`stalenessBudgetSeconds` is no shorter than `cacheTtlSeconds`.",
  find: ({ namespaces }) =>
    present(namespaces).flatMap(([name, { cacheTtlSeconds, stalenessBudgetSeconds }]) =>
      unless(
        cacheTtlSeconds === undefined ||
          stalenessBudgetSeconds === undefined ||
          stalenessBudgetSeconds >= cacheTtlSeconds,
        ["namespaces", name, "stalenessBudgetSeconds"],
        {
          found: String(stalenessBudgetSeconds),
          expected: `cacheTtlSeconds, ${String(cacheTtlSeconds)}, or more: a cached read may be that old`,
          fix: "raise stalenessBudgetSeconds or lower cacheTtlSeconds",
        },
      ),
    ),
};

/** Rules about namespaces. */
export const namespaceChecks: readonly Check[] = [
  count,
  names,
  collisions,
  titles,
  strongNeedsGateway,
  shardsOnlyOnStrong,
  shortestTtl,
  defaultWithinMaximum,
  cacheOnlyOnEventual,
  budgetCoversCache,
];
