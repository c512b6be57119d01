import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { listen } from "../../local-cloud/http/listen.ts";
import { buildKv } from "../../scripts/build-kv.ts";
import { CHECKOUT } from "../support/kvshift.ts";
import { memoryGatewayEnv } from "../support/memory-kv.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const run = promisify(execFile);
const NODES = ["20.20.2", "22.23.3"] as const;

/** An empty project that has installed what `npm pack` made. */
let project: string;
let built: string;
let folder: string;

/** What a user's first program does. */
const PROGRAM = `
import session from "express-session";
import { kvFromEnv, KvError } from "kvshift-kv";
import { newSessionId, sessionsIn } from "kvshift-kv/sessions";
import { KvStore } from "kvshift-kv/express";
import { FastifyKvStore } from "kvshift-kv/fastify";
import { sessionStoreCases } from "kvshift-kv/testing";

const kv = kvFromEnv();
const cache = kv.namespace("cache", { nearCache: { ttlSeconds: 10 } });
await cache.put("greeting", { hello: "wörld" });
const store = new KvStore({ namespace: kv.strong("sessions") });
for (const { run } of sessionStoreCases) await run(store);
const sessions = sessionsIn(kv.strong("sessions"));
const id = newSessionId();
await sessions.save(id, { user: "ada" }, 60);
console.log(JSON.stringify({
  node: process.versions.node,
  greeting: await cache.get("greeting"),
  session: (await sessions.load(id)).data,
  stores: [store instanceof session.Store, typeof new FastifyKvStore({ namespace: kv.strong("sessions") }).get],
  error: KvError.name,
}));
`;

describe("the package kvshift-kv, as npm installs it", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kvshift-package-"));
    built = join(folder, "kvshift-kv");
    await buildKv(built);
    await run("npm", ["pack", "--pack-destination", folder], { cwd: built });
    const { version } = JSON.parse(await readFile(join(built, "package.json"), "utf8")) as { version: string };
    project = join(folder, "project");
    await mkdir(project);
    await writeFile(join(project, "package.json"), '{ "type": "module", "private": true }');
    await writeFile(join(project, "program.js"), PROGRAM);
    const nodes = NODES.map((node) => `node-${node.split(".")[0] ?? ""}@npm:node@${node}`);
    const packages = [join(folder, `kvshift-kv-${version}.tgz`), "express-session@1.19.0", ...nodes];
    await run("npm", ["install", "--no-audit", "--no-fund", ...packages], { cwd: project });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([...NODES, process.versions.node])("works on Node.js %s", async (version) => {
    const own = join(project, "node_modules", `node-${version.split(".")[0] ?? ""}`, "bin", "node");
    const node = version === process.versions.node ? process.execPath : own;
    const gateway = memoryGatewayEnv();
    const listening = await listen(gateway.fetch);
    const env = { ...gateway.envAt(listening.url), PATH: process.env["PATH"] };
    const { stdout } = await run(node, ["program.js"], { cwd: project, env });
    await listening.close();
    expect(JSON.parse(stdout)).toEqual({
      node: version,
      greeting: { hello: "wörld" },
      session: { user: "ada" },
      stores: [true, "function"],
      error: "KvError",
    });
  });

  it("works in a Worker, on the KV binding of the runtime and through the gateway", async () => {
    const source = `
      import { kvFromBindings, kvFromEnv } from "kvshift-kv";
      export default { async fetch(request, env) {
        const kv = kvFromBindings({ cache: { binding: env.CACHE, defaultTtlSeconds: 3600 } });
        const cache = kv.namespace("cache", { nearCache: { ttlSeconds: 10 } });
        await cache.put("a", { n: 1 }, { metadata: { m: "ü" } });
        await cache.putMany([["b", { n: 2 }], ["c", { n: 3 }]]);
        const keys = [];
        for await (const { key } of cache.list()) keys.push(key);
        const strong = kvFromEnv(env).strong("sessions");
        await strong.put("from a Worker", 1);
        const count = [await strong.increment("from a Worker", 2), await strong.get("from a Worker")];
        return Response.json({ count, many: [...await cache.getMany(["a", "b", "none"])], entry: await cache.getEntry("a"), keys });
      } };`;
    const bundled = await build({
      stdin: { contents: source, resolveDir: project },
      bundle: true,
      format: "esm",
      write: false,
      target: "es2024",
      conditions: ["workerd", "worker", "browser"],
    });
    const gateway = memoryGatewayEnv();
    const listening = await listen(gateway.fetch);
    const worker = new Miniflare({
      modules: true,
      script: bundled.outputFiles[0]?.text ?? "",
      kvNamespaces: ["CACHE"],
      bindings: gateway.envAt(listening.url),
      compatibilityDate: "2026-07-01",
    });
    try {
      const answer = await worker.dispatchFetch("http://worker.test/");
      expect(await answer.json()).toMatchObject({
        count: [3, 3],
        many: [
          ["a", { n: 1 }],
          ["b", { n: 2 }],
        ],
        entry: { value: { n: 1 }, metadata: { m: "ü" } },
        keys: ["a", "b", "c"],
      });
    } finally {
      await worker.dispose();
      await listening.close();
    }
  });

  it("has a form that publint and attw find nothing wrong with", async () => {
    const tool = (name: string) => join(CHECKOUT, "node_modules", ".bin", name);
    const publint = await run(tool("publint"), ["run", "--strict", built]);
    expect(publint.stdout).toContain("All good!");
    // Ends with another exit code where it finds something.
    const attw = await run(tool("attw"), ["--pack", built, "--profile", "esm-only", "--no-color", "--no-emoji"]);
    expect(attw.stdout.match(/OK \(ESM\)/g)).toHaveLength(5);
  });
});
