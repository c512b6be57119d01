import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import Cloudflare from "cloudflare";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import {
  credentialOf,
  EVENTUAL,
  GATEWAY_ACCOUNT,
  GATEWAY_CONFIG,
  namespacePath,
  STRONG,
} from "../../testbed/gateway-fixture.ts";
import { type GatewayInWorkerd, startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { cleanEnvironment, runProcess } from "../support/kvshift.ts";
import { ownConnection } from "../support/own-connection.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const WRANGLER = fileURLToPath(new URL("../../node_modules/wrangler/bin/wrangler.js", import.meta.url));
const FAILING_KV = fileURLToPath(new URL("../support/worker-entries/failing-kv.ts", import.meta.url));
const TOKEN = credentialOf("dev-application-a1");

let gateway: GatewayInWorkerd;
let folder: string;

beforeAll(async () => {
  gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  folder = await mkdtemp(join(tmpdir(), "kvshift-wrangler-"));
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const pairs = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `${prefix}-${String(index)}`, value: `value ${String(index)}` }));

/** The unmodified client, which knows of the gateway by its base URL alone. */
async function wrangler(url: string, ...args: string[]) {
  const env = {
    ...cleanEnvironment(),
    HOME: folder,
    CLOUDFLARE_API_BASE_URL: `${url}/client/v4`,
    CLOUDFLARE_ACCOUNT_ID: GATEWAY_ACCOUNT,
    CLOUDFLARE_API_TOKEN: TOKEN,
    WRANGLER_SEND_METRICS: "false",
    CI: "true",
  };
  return runProcess(process.execPath, [WRANGLER, "kv", ...args, "--remote"], { cwd: folder, env });
}

/** All keys with a prefix, as lists show them. */
async function listed(namespaceId: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor = "";
  do {
    const url = `${gateway.url}${namespacePath(namespaceId)}/keys?prefix=${prefix}-&cursor=${cursor}`;
    const response = await ownConnection(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    const page = (await response.json()) as { result: { name: string }[]; result_info: { cursor: string } };
    keys.push(...page.result.map(({ name }) => name));
    ({ cursor } = page.result_info);
  } while (cursor !== "");
  return keys;
}

// 980 pairs of a request were written and the others named in `unsuccessful_keys`, which wrangler never reads.
describe.each([EVENTUAL, STRONG])("with consistency $consistency", ({ id, consistency }) => {
  it("wrangler puts 2,500 pairs and deletes them, and the count is right each time", async () => {
    const prefix = `wrangler-${consistency}`;
    const file = join(folder, `${prefix}.json`);
    await writeFile(file, JSON.stringify(pairs(prefix, 2_500)));
    const put = await wrangler(gateway.url, "bulk", "put", file, "--namespace-id", id);
    expect({ code: put.code, output: put.code === 0 ? "" : put.stdout + put.stderr }).toEqual({ code: 0, output: "" });
    expect(new Set(await listed(id, prefix)).size).toBe(2_500);
    await writeFile(file, JSON.stringify(pairs(prefix, 2_500).map(({ key }) => key)));
    const deleted = await wrangler(gateway.url, "bulk", "delete", file, "--namespace-id", id, "--force");
    expect({ code: deleted.code, output: deleted.code === 0 ? "" : deleted.stdout + deleted.stderr }).toEqual({
      code: 0,
      output: "",
    });
    expect(await listed(id, prefix)).toEqual([]);
  });

  it("one request of 10,000 pairs is done whole, and so is one that deletes them", async () => {
    const client = new Cloudflare({
      apiToken: TOKEN,
      baseURL: `${gateway.url}/client/v4`,
      maxRetries: 0,
      fetch: ownConnection,
    });
    const prefix = `sdk-${consistency}`;
    const body = pairs(prefix, 10_000);
    const answer = await client.kv.namespaces.bulkUpdate(id, { account_id: GATEWAY_ACCOUNT, body });
    expect(answer).toMatchObject({ successful_key_count: 10_000, unsuccessful_keys: [] });
    expect(new Set(await listed(id, prefix)).size).toBe(10_000);
    const keys = body.map(({ key }) => key);
    const gone = await client.kv.namespaces.bulkDelete(id, { account_id: GATEWAY_ACCOUNT, body: keys });
    expect(gone).toMatchObject({ successful_key_count: 10_000, unsuccessful_keys: [] });
    expect(await listed(id, prefix)).toEqual([]);
  });
});

describe("where Workers KV does not take a key, however often it is tried", () => {
  const file = () => join(folder, "stubborn.json");
  const some = [
    { key: "good", value: "v" },
    { key: "stubborn", value: "v" },
  ];

  it("wrangler fails, and who reads the answer learns which keys are left", async () => {
    await using stubborn = await startGatewayInWorkerd({ config: GATEWAY_CONFIG, entry: FAILING_KV });
    await writeFile(file(), JSON.stringify(some));
    const { code, stdout, stderr } = await wrangler(stubborn.url, "bulk", "put", file(), "--namespace-id", EVENTUAL.id);
    expect({ failed: code !== 0, told: /1 of 2 keys failed/.test(stdout + stderr) }).toEqual({
      failed: true,
      told: true,
    });
    const url = `${stubborn.url}${namespacePath(EVENTUAL.id)}/bulk`;
    for (const body of [some, [...pairs("relayed", 1_000), ...some]]) {
      const init = { method: "PUT", headers: { authorization: `Bearer ${TOKEN}` }, body: JSON.stringify(body) };
      const response = await ownConnection(url, init);
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({
        success: false,
        result: { successful_key_count: body.length - 1, unsuccessful_keys: ["stubborn"] },
      });
    }
  });
});
