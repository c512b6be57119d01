import { readFile } from "node:fs/promises";

import { beforeAll, describe, expect, it } from "vitest";

import { type ParsedFile, parseEnvironmentFile } from "../../../src/config/file.ts";
import { configFailure } from "./config-failure.ts";
import { NOW } from "./valid-configuration.ts";

const root = new URL("../../../", import.meta.url);
const texts: Record<string, string> = {};

beforeAll(async () => {
  for (const name of ["dev", "prod"]) texts[name] = await readFile(new URL(`Pulumi.${name}.yaml`, root), "utf8");
});

const context = (environment: string) => ({ environment, now: NOW, file: `Pulumi.${environment}.yaml` });
const parse = (text: string, environment = "dev"): ParsedFile => parseEnvironmentFile(text, context(environment));
const failure = (text: string, environment = "dev") => configFailure(() => parse(text, environment));

/** The committed file with one replacement; the text that is replaced must be there. */
function edited(search: string, replacement: string, environment = "dev"): string {
  const text = texts[environment] ?? "";
  expect(text).toContain(search);
  return text.replace(search, () => replacement);
}

/** The development environment in phase dual, with `token` as it stands in the file. */
const withToken = (token: string) =>
  edited(
    "  kvshift:phase: kv\n",
    `  kvshift:phase: dual\n  kvshift:upstash:\n    restUrl: https://example-12345.upstash.io\n    restToken: ${token}\n`,
  );

describe("parseEnvironmentFile", () => {
  it("reports every problem at once, in the order of the file, with lines and columns", () => {
    const text = [
      ["kvshift:kind: production", "kvshift:kind: prod"],
      ["  kvshift:app: brainbot\n", ""],
      ['"9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6"', "9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6"],
      ["maxTtlSeconds: 2592000", "maxTtlSeconds: 0x7fffffff"],
      ["defaultTtlSeconds: 3600", "defaultTtlSecond: 30"],
      ["srv-p0000000000000000002", "srv-p0000000000000000001"],
      ['expiresAt: "2027-11-23T00:00:00Z"', "expiresAt: 2026-12-31T00:00:00Z"],
      ["203.0.113.20/32", "203.0.113.20"],
    ].reduce((result, [search = "", replacement = ""]) => result.replace(search, replacement), texts["prod"] ?? "");
    const { code, problem, details } = failure(`${text}\nfoo: 1\n`, "prod");
    expect(code).toBe("CONFIG_INVALID");
    expect(problem).toContain('"prod" has 11 problems');
    expect(details.map((line) => line.slice(0, line.indexOf(", expected")))).toEqual([
      "kvshift:app (Pulumi.prod.yaml:1:1): found nothing",
      'kvshift:kind (Pulumi.prod.yaml:2:3): found "prod"',
      "kvshift:cloudflare.accountId (Pulumi.prod.yaml:7:5): found a value without quotes",
      'kvshift:namespaces.sessions.maxTtlSeconds (Pulumi.prod.yaml:14:7): found the number "0x7fffffff"',
      "kvshift:namespaces.cache.defaultTtlSeconds (Pulumi.prod.yaml:15:5): found nothing",
      "kvshift:namespaces.cache.defaultTtlSecond (Pulumi.prod.yaml:17:7): found an unknown key",
      'kvshift:render.services[1] (Pulumi.prod.yaml:24:9): found "srv-p0000000000000000001" a second time',
      'kvshift:credentials.application.slots.a.expiresAt (Pulumi.prod.yaml:33:71): found "2026-12-31T00:00:00Z" without quotes',
      'kvshift:credentials.application.slots.a.expiresAt (Pulumi.prod.yaml:33:71): found "2026-12-31T00:00:00Z", which has passed, in a slot that is live',
      'kvshift:credentials.operator.allowedIps[0] (Pulumi.prod.yaml:38:11): found "203.0.113.20"',
      '"foo" (Pulumi.prod.yaml:43:1): found an unknown key',
    ]);
  });

  it.each([
    [
      "an unquoted account id",
      '"0d3ad0c0ffee4b1da0d3ad0c0ffee4b1"',
      "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1",
      "kvshift:cloudflare.accountId (Pulumi.dev.yaml:7:5): found a value without quotes",
      "put the value in double quotes",
    ],
    [
      "an account id of digits that became a number",
      '"0d3ad0c0ffee4b1da0d3ad0c0ffee4b1"',
      "12345678901234567890123456789012",
      "kvshift:cloudflare.accountId (Pulumi.dev.yaml:7:5): found a value without quotes",
      "put the value in double quotes",
    ],
    [
      "a bare date",
      'mintedAt: "2026-11-23T00:00:00Z"',
      "mintedAt: 2026-11-23T00:00:00Z",
      'kvshift:credentials.application.slots.a.mintedAt (Pulumi.dev.yaml:29:37): found "2026-11-23T00:00:00Z" without quotes',
      'put it in quotes: "2026-11-23T00:00:00Z"',
    ],
    [
      "an app that YAML reads as a boolean",
      "app: brainbot",
      "app: on",
      'kvshift:app (Pulumi.dev.yaml:3:3): found "on" without quotes',
      'put it in quotes: "on"',
    ],
    [
      "a namespace that YAML reads as a boolean",
      "    cache:\n",
      "    no:\n",
      'kvshift:namespaces.no (Pulumi.dev.yaml:15:5): found the key "no" without quotes',
      'rename it, or put it in quotes: "no"',
    ],
    [
      "a number with a leading zero",
      "defaultTtlSeconds: 3600",
      "defaultTtlSeconds: 03600",
      'kvshift:namespaces.cache.defaultTtlSeconds (Pulumi.dev.yaml:17:7): found the number "03600"',
      "write 3600, if that is what was meant",
    ],
    [
      "a key that stands twice",
      "      consistency: strong\n",
      "      consistency: strong\n      consistency: strong\n",
      "kvshift:namespaces.sessions.consistency (Pulumi.dev.yaml:13:7): found a key that stands twice",
      "remove one of the two",
    ],
    [
      "a key of ours that stands twice",
      "  kvshift:kind: development\n",
      "  kvshift:kind: development\n  kvshift:kind: production\n",
      "kvshift:kind (Pulumi.dev.yaml:3:3): found a key that stands twice",
      "remove one of the two",
    ],
    [
      "a key without our prefix",
      "  kvshift:kind:",
      "  kvshift:kind: development\n  kind:",
      '"kind" (Pulumi.dev.yaml:3:3): found a key without a project',
      "write kvshift:kind if it is ours",
    ],
    [
      "a prefix that is nearly ours",
      "  kvshift:kind:",
      "  kvshift:kind: development\n  kvshfit:kind:",
      '"kvshfit:kind" (Pulumi.dev.yaml:3:3): found the unknown project "kvshfit"',
      'did you mean "kvshift:kind"? Rename the key',
    ],
    [
      "a key of ours beside config",
      "config:\n",
      "kvshift:app: x\nconfig:\n",
      '"kvshift:app" (Pulumi.dev.yaml:1:1): found an unknown key',
      "indent it below config:",
    ],
    [
      "a misspelt key of Pulumi",
      "config:\n",
      "encryptonsalt: v1:fake\nconfig:\n",
      '"encryptonsalt" (Pulumi.dev.yaml:1:1): found an unknown key',
      'did you mean "encryptionsalt"? Rename the key',
    ],
    [
      "a salt over several lines",
      "config:\n",
      "encryptionsalt: >-\n  v1:fake\nconfig:\n",
      '"encryptionsalt" (Pulumi.dev.yaml:1:1): found something else than text in one line',
      "restore the line from git",
    ],
    [
      "a tag",
      "app: brainbot",
      "app: !!str brainbot",
      "kvshift:app (Pulumi.dev.yaml:3:3): found a tag of YAML",
      "remove the tag; quote the value if it is text",
    ],
    [
      "an alias",
      "    cache:\n",
      "    more: *sessions\n    cache:\n",
      "kvshift:namespaces.more (Pulumi.dev.yaml:15:5): found an alias of YAML",
      "write the value out: flows edit one place only",
    ],
  ])("refuses %s, and reports nothing else", (title, search, replacement, start, fix) => {
    const anchored =
      title === "an alias"
        ? edited(search, replacement).replace("sessions:\n", "sessions: &sessions\n")
        : edited(search, replacement);
    const { code, details } = failure(anchored);
    expect(code).toBe("CONFIG_INVALID");
    expect(details).toHaveLength(1);
    expect(details[0]?.startsWith(`${start}, expected `)).toBe(true);
    expect(details[0]?.endsWith(`; fix: ${fix}`)).toBe(true);
  });

  it.each([
    ["an empty file", "", "an empty file"],
    ["a file of comments", "# nothing\n", "an empty file"],
    ["a list", "- config\n", "a list"],
    ["a single value", "config\n", "a single value"],
    ["a mapping in braces", "{ config: {} }\n", "a mapping in braces"],
  ])("refuses %s", (_title, text, found) => {
    const { code, details } = failure(text);
    expect(code).toBe("CONFIG_INVALID");
    expect(details).toEqual([
      `the file (Pulumi.dev.yaml:1:1): found ${found}, expected a mapping, one key a line; fix: write config: and below it, indented, keys such as kvshift:kind: development`,
    ]);
  });

  it("refuses a config that is no mapping, without listing what it lacks", () => {
    expect(failure("config: [1]\n").details).toEqual([
      expect.stringMatching(/^"config" \(Pulumi\.dev\.yaml:1:1\): found a list/),
    ]);
  });

  it("lists every required key where config is empty", () => {
    const required = ["kind", "app", "access", "phase", "cloudflare", "namespaces", "render", "credentials"];
    expect(failure("config:\n").details.map((line) => line.split(" ")[0])).toEqual(
      required.map((key) => `kvshift:${key}`),
    );
  });

  it("leaves keys of others and of Pulumi alone", () => {
    const text = edited(
      "config:\n",
      "secretsprovider: awskms://alias/fake\nencryptedkey: ZmFrZQ==\nconfig:\n  aws:region: eu-west-1\n  cloudflare:tags: [1, *x]\n",
    );
    const parsed = parse(`${text.replace("eu-west-1", "&x eu-west-1")}\nencryptionsalt: v1:fake:fake\n`);
    expect(parsed).toMatchObject({
      encryptionSalt: "v1:fake:fake",
      secretsProvider: "awskms://alias/fake",
      otherKeys: ["aws:region", "cloudflare:tags"],
    });
  });

  it("takes an encrypted token, and refuses one in clear without showing it", () => {
    expect(parse(withToken("{ secure: v1:fake:fake }")).config.upstash?.restToken).toEqual({ secure: "v1:fake:fake" });
    const { details } = failure(withToken("plain-fake"));
    expect(details).toEqual([
      expect.stringMatching(
        /^kvshift:upstash\.restToken \(Pulumi\.dev\.yaml:8:5\): found a plain string, expected an encrypted value, \{ secure: … \}; fix: run `kvshift secret set`/,
      ),
    ]);
    expect(details.join()).not.toContain("plain-fake");
  });

  it("takes Windows line breaks and a byte order mark", () => {
    const text = `\uFEFF${(texts["dev"] ?? "").replaceAll("\n", "\r\n")}`;
    expect(parse(text).config).toEqual(parse(texts["dev"] ?? "").config);
  });

  it("does not take a key named __proto__ for anything but an unknown key", () => {
    const { details } = failure(edited("config:\n", "config:\n  kvshift:__proto__: { kind: development }\n"));
    expect(details).toEqual([
      expect.stringMatching(/^kvshift:__proto__ \(Pulumi\.dev\.yaml:2:3\): found an unknown key/),
    ]);
  });

  it("stops at values nested too deeply", () => {
    const { details } = failure(edited("app: brainbot", `app: ${"[".repeat(40)}${"]".repeat(40)}`));
    expect(details).toContainEqual(expect.stringContaining("found values nested too deeply"));
  });
});
