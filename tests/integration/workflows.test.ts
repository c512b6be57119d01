import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { CHECKOUT, cleanEnvironment, runProcess } from "../support/kvshift.ts";
import { zizmor } from "../support/python-packages.ts";
import { tempDir } from "../support/temp-dir.ts";

const FOLDER = join(CHECKOUT, ".github", "workflows");
const WORKFLOW = join(FOLDER, "rotate.yml");
/** Their commands are run by tests/e2e/previews-runbook.test.ts. */
const OF_PREVIEWS = ["preview.yml", "sweep.yml"].map((name) => join(FOLDER, name));

interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[];
}

async function findings(path: string): Promise<{ code: number | null; found: string[] }> {
  const args = ["--offline", "--no-progress", "--persona", "pedantic", "--format", "json-v1", path];
  const { code, stdout } = await runProcess(await zizmor(), args, { cwd: CHECKOUT, env: cleanEnvironment() });
  return { code, found: (JSON.parse(stdout) as { ident: string }[]).map(({ ident }) => ident) };
}

describe("the workflow that rotates on schedule", () => {
  it("has nothing that zizmor finds, at its strictest", async () => {
    expect(await findings(WORKFLOW)).toEqual({ code: 0, found: [] });
  });

  it("would be found out, were an action not pinned by its commit or an input run as code", async () => {
    const text = await readFile(WORKFLOW, "utf8");
    const folder = await tempDir();
    for (const [change, ident] of [
      [text.replace(/checkout@[0-9a-f]{40}/, "checkout@v4"), "unpinned-uses"],
      [text.replace('--reason "$REASON"', "--reason '${{ inputs.reason }}'"), "template-injection"],
      [text.replace("permissions: {}", "permissions: write-all"), "excessive-permissions"],
    ] as const) {
      const path = join(folder, "rotate.yml");
      await writeFile(path, change);
      expect((await findings(path)).found).toContain(ident);
    }
  });

  it("runs commands and flags that exist, and gives each step only the secrets that it needs", async () => {
    const { jobs } = parse(await readFile(WORKFLOW, "utf8")) as {
      jobs: { rotate: { steps: { name?: string; run?: string; env?: Record<string, string> }[] } };
    };
    const { steps } = jobs.rotate;
    const commands = steps.flatMap(({ run = "" }) => run.match(/npx kvshift .*/g) ?? []);
    for (const command of commands) {
      const help = await runProcess("sh", ["-c", `${command.split(" --")[0] ?? ""} --help`], {
        cwd: CHECKOUT,
        env: cleanEnvironment(),
      });
      const flags = command.match(/--[a-z-]+/g) ?? [];
      expect(flags.filter((flag) => !help.stdout.includes(flag))).toEqual([]);
    }
    const secretsOf = (name: string) => Object.keys(steps.find((step) => step.name === name)?.env ?? {}).toSorted();
    expect(secretsOf("See what is due")).toEqual(["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"]);
    expect(steps.filter(({ env }) => env?.["RENDER_API_KEY"] !== undefined)).toHaveLength(1);
  });
});

describe("the workflows of previews", () => {
  it.each(OF_PREVIEWS)("have nothing that zizmor finds, at its strictest: %s", async (path) => {
    expect(await findings(path)).toEqual({ code: 0, found: [] });
  });

  it("give a fork nothing, run code of the base commit only, and never cut a run off", async () => {
    const { on, jobs } = parse(await readFile(join(FOLDER, "preview.yml"), "utf8")) as {
      on: Record<string, unknown>;
      jobs: Record<string, Job>;
    };
    expect(Object.keys(on)).toEqual(["pull_request"]);
    for (const job of Object.values(jobs)) {
      expect(job.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
      expect(job.if).toContain("github.event.pull_request.base.ref == github.event.repository.default_branch");
      expect(job.environment).toBe("preview");
      // Of the job: an event that has nothing to do would take the place of a close that waits in the workflow's line.
      expect(job.concurrency).toEqual({
        group: "kvshift-pr-${{ github.event.pull_request.number }}",
        "cancel-in-progress": false,
      });
      const checkouts = job.steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
      expect(checkouts.map((step) => step.with)).toEqual([
        { ref: "${{ github.event.pull_request.base.sha }}", "persist-credentials": false },
      ]);
    }
  });
});
