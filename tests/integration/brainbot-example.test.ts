import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { CHECKOUT } from "../support/kvshift.ts";

const BRAINBOT = join(CHECKOUT, "examples", "brainbot");
const README = readFileSync(join(BRAINBOT, "README.md"), "utf8");
const REDIS = /redis|upstash/i;
const MADE_BY_TOOLS = /(^|\/)(__pycache__|\.pytest_cache|\.ruff_cache)(\/|$)/;

const blueprintSchema = z.object({
  services: z.array(
    z.looseObject({
      name: z.string(),
      envVars: z.array(z.looseObject({ key: z.string().optional(), fromGroup: z.string().optional() })).default([]),
    }),
  ),
});

/** Paths of a side's files with what is in them. */
function filesOf(side: "before" | "after"): Map<string, string> {
  const root = join(BRAINBOT, side);
  const names = globSync(["**/*", ".env.example"], { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((name) => !MADE_BY_TOOLS.test(name));
  return new Map([...new Set(names)].map((name) => [name, readFileSync(join(root, name), "utf8")]));
}

/** The rows of the table under a heading of the README, cell by cell. */
function tableUnder(heading: string): string[][] {
  const section = README.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(1).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** A test or benchmark that the README names, and whether it is there. */
function isThere(name: string): boolean {
  const command = /^npm run (?:bench )?(\S+)$/.exec(name)?.[1];
  if (command !== undefined) {
    const place = name.startsWith("npm run bench") ? "benchmarks/main.ts" : "package.json";
    return new RegExp(`^\\s*"?${command}"?:`, "m").test(readFileSync(join(CHECKOUT, place), "utf8"));
  }
  const [path = "", test] = name.split("::");
  if (test === undefined) return globSync(path, { cwd: CHECKOUT }).length === 1;
  return new RegExp(`^(async )?def ${test}\\(`, "m").test(readFileSync(join(BRAINBOT, path), "utf8"));
}

const [before, after] = [filesOf("before"), filesOf("after")];

describe("examples/brainbot", () => {
  it("has the same files on both sides but for those that its README explains", () => {
    const differing = [...new Set([...before.keys(), ...after.keys()])].filter(
      (name) => before.get(name) !== after.get(name),
    );
    const explained = tableUnder("What differs").map(([file = ""]) => file.replaceAll("`", ""));
    expect(explained.toSorted()).toEqual(differing.toSorted());
  });

  it("tests its behaviour with files that are the same to the byte", () => {
    const suites = [...before.keys()].filter((name) => /^tests\/(behaviour|load)\/|^tests\/\w+\.py$/.test(name));
    expect(suites.length).toBeGreaterThan(6);
    expect(suites.filter((name) => after.get(name) !== before.get(name))).toEqual([]);
  });

  it("names for every criterion a test or benchmark that exists", () => {
    const criteria = tableUnder("What has to hold");
    expect(criteria.length).toBeGreaterThanOrEqual(8);
    const proofs = criteria.map(([criterion = "", , proof = ""]) => ({
      criterion,
      names: [...proof.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
    }));
    expect(proofs.filter(({ names }) => names.length === 0)).toEqual([]);
    expect(proofs.flatMap(({ names }) => names).filter((name) => !isThere(name))).toEqual([]);
    const own = [...README.matchAll(/brainbot-example\.test\.ts`: "([^"]+)"/g)].map(([, title = ""]) => title);
    const here = readFileSync(new URL(import.meta.url), "utf8");
    expect(own.filter((title) => !here.includes(`it("${title}", `))).toEqual([]);
  });

  it("imports no Redis client after the migration", () => {
    const modules = (files: ReadonlyMap<string, string>) =>
      [...files].filter(([name, text]) => name.startsWith("src/") && REDIS.test(text)).map(([name]) => name);
    expect(modules(before).every((name) => name.startsWith("src/brainbot/storage/"))).toBe(true);
    expect(modules(before)).toContain("src/brainbot/storage/redis_store.py");
    expect(modules(after)).toEqual([]);
  });

  it("requires no Redis client after the migration, and pins what it requires", () => {
    const required = (files: ReadonlyMap<string, string>) =>
      (files.get("requirements.txt") ?? "").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(required(before).filter((line) => REDIS.test(line))).toHaveLength(2);
    expect(required(after).filter((line) => REDIS.test(line))).toEqual([]);
    expect(required(after).filter((line) => line.startsWith("kvshift-kv"))).toHaveLength(1);
    for (const line of [...required(before), ...required(after)]) expect(line).toMatch(/^[a-z-]+==\d+(\.\d+)+$/);
  });

  it("requires the version of the package that is in this checkout", () => {
    const project = readFileSync(join(CHECKOUT, "python", "kvshift-kv", "pyproject.toml"), "utf8");
    const version = /^version = "([^"]+)"$/m.exec(project)?.[1] ?? "no version";
    expect(after.get("requirements.txt")).toContain(`kvshift-kv==${version}\n`);
  });

  it("leaves the variables of the environment group to Pulumi", () => {
    const text = after.get("render.yaml") ?? "";
    const { services } = blueprintSchema.parse(parse(text));
    const variables = services.flatMap(({ envVars }) => envVars);
    // A variable of the service would hide the group's, and a link of the Blueprint would fight the one of Pulumi.
    expect(variables.filter(({ key }) => key?.startsWith("CLOUDFLARE_KV_"))).toEqual([]);
    expect(variables.filter(({ fromGroup }) => fromGroup !== undefined)).toEqual([]);
    expect(text).not.toContain("envVarGroups");
    // It says where they come from, all of them.
    const named = [...(after.get(".env.example") ?? "").matchAll(/^(CLOUDFLARE_KV_\w+)=/gm)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(text).toContain(name);
    expect(text).toContain("Pulumi makes the group");
  });

  it("has no secret in what is committed", () => {
    const secret = /kvs_[a-z]|scrypt\$\d+\$8\$1\$[A-Za-z0-9+/=]{20,}\$[A-Za-z0-9+/=]{40}/;
    const filled = /^(UPSTASH_\w+|CLOUDFLARE_KV_\w+|REDIS_URL)=.+$/m;
    const holding = [...before, ...after].filter(([, text]) => secret.test(text) || filled.test(text));
    expect(holding.map(([name]) => name)).toEqual([]);
  });
});
