import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { documentCommands } from "../../scripts/document-commands.ts";
import { CHECKOUT, runProcess } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

/** Commands that this file does not run, and what does. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  "npm run demo": "tests/e2e/demo.test.ts",
  "npm run demo -- --keep": "tests/e2e/demo.test.ts",
  "npm run --silent demo -- --json": "tests/e2e/demo.test.ts",
  "npm test": ".ci/run",
  "npx kvshift local up": "the test below",
  "read -rs CLOUDFLARE_API_TOKEN && export CLOUDFLARE_API_TOKEN": "asks a person for a real token",
  "read -rs RENDER_API_KEY && export RENDER_API_KEY": "asks a person for a real key",
  "read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE": "asks a person for a passphrase",
  "npx kvshift init --stack staging": "asks a person; with flags it is run here",
  "npx kvshift up --stack staging": "asks a person; with --yes it is run here",
};

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

describe("the commands that the documents tell their readers to run", () => {
  it("run in the order of the document, from the checkout, as they are written", async () => {
    const commands = documentCommands(CHECKOUT)
      // Runbooks have tests of their own.
      .filter(({ file }) => !file.startsWith("docs/runbooks/"))
      .map(({ command }) => command);
    const here = commands.filter((command) => RUN_ELSEWHERE[command] === undefined);
    expect(here.length).toBeGreaterThan(5);
    // `preview` of the walk-through for real accounts comes after `destroy`: it is as good as the first one.
    for (const command of here) {
      const { code, stderr } = await runProcess("sh", ["-c", `${command} --cwd '${stage.project}'`], {
        cwd: CHECKOUT,
        env: stage.env,
      });
      expect({ command, code, stderr: code === 0 ? "" : stderr }).toEqual({ command, code: 0, stderr: "" });
    }
  });

  it("name nothing as run elsewhere that no document has", () => {
    const commands = new Set(documentCommands(CHECKOUT).map(({ command }) => command));
    expect(Object.keys(RUN_ELSEWHERE).filter((command) => !commands.has(command))).toEqual([]);
  });
});

describe("kvshift local up", () => {
  it("prints one JSON line whose variables let `kvshift up` in another process provision dev, until it is interrupted", async () => {
    const env = { ...stage.env };
    for (const name of Object.keys(stage.cloud.env)) delete env[name];
    const cloud = spawn("npx", ["kvshift", "local", "up", "--json"], {
      cwd: CHECKOUT,
      env,
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    const [line] = (await once(createInterface({ input: cloud.stdout }), "line")) as [string];
    const ready = z
      .object({
        cloudflare: z.object({
          url: z.url(),
          accountId: z.string().regex(/^[0-9a-f]{32}$/),
          apiToken: z.string(),
          accounts: z.array(z.object({ accountId: z.string(), apiToken: z.string() })).length(3),
        }),
        render: z.object({
          url: z.url(),
          apiKey: z.string(),
          ownerId: z.string().startsWith("tea-"),
          services: z.array(z.object({ id: z.string().startsWith("srv-"), name: z.string(), url: z.url() })).length(3),
        }),
        env: z.record(z.string(), z.string()),
      })
      .parse(JSON.parse(line));
    const args = ["run", "--silent", "kvshift", "--", "up", "--stack", "dev", "--yes", "--json"];
    const { code, stdout, stderr } = await runProcess("npm", args, { cwd: CHECKOUT, env: { ...env, ...ready.env } });
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ ok: true, changed: true });
    // As Ctrl-C does: the terminal interrupts the whole group, and npx leaves it to its child.
    process.kill(-(cloud.pid ?? 0), "SIGINT");
    await once(cloud, "exit");
    await expect(fetch(ready.render.url)).rejects.toThrow("fetch failed");
  });
});
