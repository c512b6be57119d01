import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { parseEnvironmentFile, withEncryptionSalt } from "../../src/config/file.ts";
import { checkEnvironment, parseEnvironment } from "../../src/config/parse.ts";
import { formatPath, isMapping } from "../../src/config/path.ts";
import { AppError } from "../../src/core/app-error.ts";
import { type GeneratedEnvironment, NOW, validEnvironment } from "./config-environments.ts";

const encrypted = (environment: string) => ({ environment, now: NOW, secrets: "encrypted" }) as const;

/** The values as `Pulumi.<environment>.yaml`: all text in quotes, numbers plain. */
function asFile({ values }: GeneratedEnvironment): string {
  const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`kvshift:${key}`, value]));
  return stringify({ config }, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });
}

/** Every number as text, as Pulumi leaves it behind when it rewrites a file. */
function numbersAsText(value: unknown): unknown {
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.map(numbersAsText);
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, numbersAsText(item)]));
}

type Steps = readonly string[];

/** What breaks a valid configuration: where, and the value there; `undefined` removes the key. */
const MUTATIONS: readonly (readonly [path: Steps, value: unknown])[] = [
  ...["kind", "app", "access", "phase", "cloudflare", "namespaces", "render", "credentials"].flatMap((key) => [
    [[key], undefined] as const,
    [[key], null] as const,
    [[key], 7] as const,
    [[key], ""] as const,
  ]),
  [["unknown"], "x"],
  [["access"], "gateway"],
  [["app"], "Upper"],
  [["readShare"], 101],
  [["readShare"], "50"],
  [["cloudflare", "accountId"], "short"],
  [["cloudflare", "acountId"], "x"],
  [["cloudflare", "hostname"], "no spaces.example.com"],
  [["namespaces", "Bad"], { consistency: "eventual", defaultTtlSeconds: 60 }],
  [["namespaces", "*", "consistency"], "strong"],
  [["namespaces", "*", "consistency"], "sometimes"],
  [["namespaces", "*", "defaultTtlSeconds"], 59],
  [["namespaces", "*", "defaultTtlSeconds"], undefined],
  [["namespaces", "*", "maxTtlSeconds"], 59],
  [["namespaces", "*", "cacheTtlSeconds"], 29],
  [["namespaces", "*", "ttl"], 60],
  [["render", "ownerId"], "usr-1"],
  [["render", "services"], []],
  [["render", "services"], "srv-1"],
  [["upstash"], "https://example.com"],
  [["upstash"], { restUrl: "https://example.com", restToken: "fake" }],
  ...["application", "operator"].flatMap((role) => [
    [["credentials", role], undefined] as const,
    [["credentials", role, "active"], "c"] as const,
    [["credentials", role, "rotation"], "a b"] as const,
    [["credentials", role, "allowedIps"], []] as const,
    [["credentials", role, "slots", "a"], undefined] as const,
    [["credentials", role, "slots", "b", "state"], "gone"] as const,
    [["credentials", role, "slots", "a", "epoch"], -1] as const,
    [["credentials", role, "slots", "a", "mintedAt"], "2026-01-01"] as const,
    [["credentials", role, "slots", "b", "expiresAt"], "soon"] as const,
  ]),
];

/** Applies a mutation to a copy; `*` stands for the first key there. */
function mutated(values: Record<string, unknown>, steps: Steps, value: unknown) {
  const copy = structuredClone(values);
  const path: string[] = [];
  let target: Record<string, unknown> = copy;
  for (const [index, step] of steps.entries()) {
    const key = step === "*" ? (Object.keys(target)[0] ?? "") : step;
    path.push(key);
    const inner = target[key];
    if (index === steps.length - 1) {
      if (value === undefined) delete target[key];
      else target[key] = value;
    } else if (isMapping(inner)) target = inner;
  }
  return { copy, path };
}

describe("parsing a configuration", () => {
  it("takes every valid configuration as it is", () => {
    fc.assert(
      fc.property(validEnvironment, ({ environment, values }) => {
        expect(parseEnvironment(values, encrypted(environment))).toEqual(values);
      }),
    );
  });

  it("takes every valid configuration from a file", () => {
    fc.assert(
      fc.property(validEnvironment, (generated) => {
        const context = { environment: generated.environment, now: NOW, file: "Pulumi.yaml" };
        const quotedKeys = asFile(generated).replaceAll(/^ {4}(y|n|yes|no|on|off|null|true|false):/gm, '    "$1":');
        expect(parseEnvironmentFile(quotedKeys, context).config).toEqual(generated.values);
      }),
    );
  });

  it("takes numbers as text where Pulumi hands over the values, and only there", () => {
    fc.assert(
      fc.property(validEnvironment, ({ environment, values }) => {
        const { upstash: _left, ...others } = { ...values, phase: "kv" };
        const plain = Object.fromEntries(Object.entries(others).filter(([key]) => key !== "readShare"));
        const asText = Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, numbersAsText(item)]));
        expect(parseEnvironment(asText, { ...encrypted(environment), secrets: "decrypted" })).toEqual(plain);
        expect(checkEnvironment(asText, encrypted(environment)).problems.length).toBeGreaterThan(0);
      }),
    );
  });

  it("names the key of any one breaking change", () => {
    fc.assert(
      fc.property(validEnvironment, fc.constantFrom(...MUTATIONS), ({ environment, values }, [steps, value]) => {
        const { copy, path } = mutated(values, steps, value);
        const named = checkEnvironment(copy, encrypted(environment)).problems.map((problem) =>
          formatPath(problem.path),
        );
        expect(named.some((place) => place.startsWith(formatPath(path)))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("reading any text", () => {
  const fragment = fc.oneof(
    fc.constantFrom(
      "config:",
      "  kvshift:",
      "app",
      ": ",
      "\n",
      "\r\n",
      "  ",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "&a ",
      "*a",
      "!!str ",
      "|\n",
      '"',
      "'",
      "#",
      "---\n",
      "...\n",
      "<<: ",
      "? ",
      "\t",
      "\0",
      "__proto__: ",
      "%YAML 1.1\n",
      "2027-01-01",
      "0x1",
    ),
    fc.string({ unit: "binary" }),
  );
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join("")),
  );

  it("throws nothing but an AppError", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let thrown: unknown;
        try {
          parseEnvironmentFile(text, { environment: "dev", now: NOW, file: "Pulumi.dev.yaml" });
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(AppError);
      }),
      { numRuns: 3000 },
    );
  });

  it("throws nothing but an AppError for a valid file with any text put in", () => {
    fc.assert(
      fc.property(validEnvironment, anyText, fc.nat(), (generated, inserted, seed) => {
        const text = asFile(generated);
        const at = seed % (text.length + 1);
        const context = { environment: generated.environment, now: NOW, file: "Pulumi.dev.yaml" };
        try {
          parseEnvironmentFile(text.slice(0, at) + inserted + text.slice(at), context);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("withEncryptionSalt", () => {
  const salt = fc
    .string({ unit: fc.constantFrom(..."abcXYZ019+/="), minLength: 1, maxLength: 30 })
    .map((text) => `v1:${text}:v1:${text}`);
  const line = fc.oneof(
    fc.constantFrom(
      "config:",
      "  kvshift:app: x",
      "# encryptionsalt: no",
      "  encryptionsalt: inner",
      "",
      "   ",
      "...",
      "é\u2028ü",
    ),
    fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, "")),
  );
  const lines = fc.array(
    fc.tuple(
      line.filter((text) => !/^\uFEFF?["']?encryptionsalt/.test(text)),
      fc.constantFrom("\n", "\r\n"),
    ),
    { maxLength: 12 },
  );
  const join = (parts: readonly (readonly [string, string])[]) => parts.map((part) => part.join("")).join("");

  it("adds one line and keeps every other byte", () => {
    fc.assert(
      fc.property(lines, fc.boolean(), salt, (parts, complete, value) => {
        const text = complete ? join(parts) : join(parts).replace(/\r?\n$/, "");
        const result = withEncryptionSalt(text, value);
        const at = result.indexOf(`encryptionsalt: ${value}`);
        const added = result.slice(at).startsWith(`encryptionsalt: ${value}`) ? `encryptionsalt: ${value}` : "";
        const without = [/\r?\n$/, /$/].map(
          (end) => result.slice(0, at).replace(end, "") + result.slice(at + added.length),
        );
        const withoutBreak = result.slice(0, at) + result.slice(at + added.length).replace(/^\r?\n/, "");
        expect([...without, withoutBreak]).toContain(text);
        expect(result.split("\n").filter((candidate) => /^encryptionsalt:/.test(candidate))).toHaveLength(1);
      }),
    );
  });

  it("replaces the value of the one line and keeps every other byte", () => {
    const styles = fc.constantFrom(["", ""], ['"', '"'], ["'", "'"], ["", "  # by the engine"], ['"', '" # x']);
    fc.assert(
      fc.property(
        lines,
        lines,
        salt,
        salt,
        styles,
        fc.constantFrom("\n", "\r\n"),
        (before, after, old, value, style, end) => {
          const file = (content: string) => `${join(before)}encryptionsalt: ${style.join(content)}${end}${join(after)}`;
          expect(withEncryptionSalt(file(old), value)).toBe(file(value));
        },
      ),
    );
  });

  it("changes nothing the second time, whatever the text", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(
          fc.oneof(
            fc.constantFrom("encryptionsalt", ":", " ", '"', "'", "#", "\n", "\r\n", "v1:x", "\uFEFF"),
            fc.string({ maxLength: 3 }),
          ),
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(anything, salt, (text, value) => {
        const once = withEncryptionSalt(text, value);
        expect(withEncryptionSalt(once, value)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });
});
