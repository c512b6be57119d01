import { execFileSync } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let stage: LocalStage;
let remote: string;

const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-C", folder, ...args], {
    encoding: "utf8",
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
const identity = (folder: string) => {
  git(folder, "config", "user.name", "ada");
  git(folder, "config", "user.email", "ada@example.com");
};
const fileOf = (folder: string) => readFile(join(folder, "Pulumi.dev.yaml"), "utf8");
const apply = () => stage.kvshift("rotate", "apply", "--stack", "dev", "--role", "operator", "--yes", "--commit");

describe("a rotation with --commit", () => {
  beforeAll(async () => {
    stage = await createLocalStage({}, { clock: "system", timeScale: 600 });
    remote = await mkdtemp(join(tmpdir(), "kvshift-remote-"));
    git(remote, "init", "--quiet", "--bare", "--initial-branch", "main");
    // On the local cloud the log lies beside the state, unless the file names a place in the project.
    await appendFile(join(stage.project, "Pulumi.dev.yaml"), "  kvshift:audit: { file: audit/dev.ndjson }\n");
    await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--deploy");
    git(stage.project, "init", "--quiet", "--initial-branch", "main");
    identity(stage.project);
    git(stage.project, "add", "--all");
    git(stage.project, "commit", "--quiet", "--message", "begin");
    git(stage.project, "remote", "add", "origin", remote);
    git(stage.project, "push", "--quiet", "--set-upstream", "origin", "main");
  });

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await rm(remote, { recursive: true, force: true });
  });

  it("does not begin where the files have changes of somebody", async () => {
    const before = await fileOf(stage.project);
    await writeFile(join(stage.project, "Pulumi.dev.yaml"), `${before}# mine\n`);
    const { code, stderr } = await apply();
    expect([code, stderr]).toEqual([3, expect.stringContaining("PUSH_REFUSED")]);
    expect(await fileOf(stage.project)).toBe(`${before}# mine\n`);
    await writeFile(join(stage.project, "Pulumi.dev.yaml"), before);
  });

  it("stops with nothing changed where somebody else pushed first", async () => {
    const other = await mkdtemp(join(tmpdir(), "kvshift-other-"));
    git(other, "clone", "--quiet", remote, ".");
    identity(other);
    await writeFile(join(other, "NOTES.md"), "by somebody else\n");
    git(other, "add", "--all");
    git(other, "commit", "--quiet", "--message", "theirs");
    git(other, "push", "--quiet");
    await rm(other, { recursive: true, force: true });
    const log = join(stage.project, "audit", "dev.ndjson");
    const before = [await fileOf(stage.project), await readFile(log, "utf8"), git(stage.project, "rev-parse", "HEAD")];
    const { code, stderr } = await apply();
    expect([code, stderr]).toEqual([3, expect.stringContaining("behind its upstream")]);
    const after = [await fileOf(stage.project), await readFile(log, "utf8"), git(stage.project, "rev-parse", "HEAD")];
    expect(after).toEqual(before);
    git(stage.project, "pull", "--quiet", "--rebase");
  });

  it("stops with nothing changed where the push itself is refused, and goes on when it is not", async () => {
    const hook = join(remote, "hooks", "pre-receive");
    await writeFile(hook, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const log = join(stage.project, "audit", "dev.ndjson");
    const before = [await fileOf(stage.project), await readFile(log, "utf8"), git(stage.project, "rev-parse", "HEAD")];
    expect((await apply()).code).toBe(3);
    const after = [await fileOf(stage.project), await readFile(log, "utf8"), git(stage.project, "rev-parse", "HEAD")];
    expect(after).toEqual(before);
    expect(git(stage.project, "status", "--porcelain")).toBe("");
    await rm(hook);
    const finished = await apply();
    expect(finished.stderr + String(finished.code)).toMatch(/0$/);
  });

  it("has pushed each edit and each record: a fresh clone knows all, and its log is whole", async () => {
    const clone = await mkdtemp(join(tmpdir(), "kvshift-clone-"));
    git(clone, "clone", "--quiet", remote, ".");
    expect(await fileOf(clone)).toBe(await fileOf(stage.project));
    expect(git(stage.project, "status", "--porcelain")).toBe("");
    const subjects = git(clone, "log", "--format=%s").split("\n");
    expect(subjects).toEqual(expect.arrayContaining(["rotate dev: mint (intent)", "rotate dev: close (outcome)"]));
    // The intent of a step and the edit that it is about are one commit.
    const mint = subjects.indexOf("rotate dev: mint (intent)");
    const files = git(clone, "show", "--name-only", "--format=", `HEAD~${String(mint)}`).split("\n");
    expect(files.toSorted()).toEqual(["Pulumi.dev.yaml", "audit/dev.ndjson"]);
    const verified = await stage.kvshift("audit", "verify", "--stack", "dev", "--cwd", clone);
    expect(verified.code).toBe(0);
    await rm(clone, { recursive: true, force: true });
  });
});
