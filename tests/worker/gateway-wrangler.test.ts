import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { credentialOf, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { runProcess } from "../support/kvshift.ts";
import { tempDir } from "../support/temp-dir.ts";

const WRANGLER = fileURLToPath(new URL("../../node_modules/wrangler/bin/wrangler.js", import.meta.url));

it("serves `wrangler kv` with only the base URL changed", async () => {
  await using gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  const cwd = await tempDir();
  await writeFile(
    join(cwd, "pairs.json"),
    JSON.stringify([
      { key: "b1", value: "1" },
      { key: "b2", value: "2" },
    ]),
  );
  await writeFile(join(cwd, "keys.json"), JSON.stringify(["b1"]));
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: cwd,
    CLOUDFLARE_API_BASE_URL: `${gateway.url}/client/v4`,
    CLOUDFLARE_API_TOKEN: credentialOf("dev-application-a1"),
    CLOUDFLARE_ACCOUNT_ID: GATEWAY_ACCOUNT,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    CI: "1",
    NO_COLOR: "1",
  };
  const wrangler = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runProcess(process.execPath, [WRANGLER, "kv", ...args], { cwd, env });
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: "" });
    return stdout;
  };
  const there = ["--namespace-id", STRONG.id, "--remote"];
  expect(await wrangler("namespace", "list")).toContain(STRONG.title);
  await wrangler("key", "put", "a/b", "hello", "--ttl", "60", "--metadata", '{"a":1}', ...there);
  expect(await wrangler("key", "get", "a/b", ...there)).toBe("hello");
  expect(JSON.parse(await wrangler("key", "list", ...there))).toEqual([
    { name: "a/b", expiration: expect.any(Number), metadata: { a: 1 } },
  ]);
  await wrangler("bulk", "put", "pairs.json", ...there);
  await wrangler("bulk", "delete", "keys.json", "--force", ...there);
  await wrangler("key", "delete", "a/b", ...there);
  expect(JSON.parse(await wrangler("key", "list", ...there))).toEqual([{ name: "b2" }]);
});
