import { describe, expect, it } from "vitest";

import type { CloudflareEmulatorOptions } from "../../local-cloud/cloudflare/emulator.ts";
import { Secret } from "../../src/core/secret.ts";
import { createCloudflare } from "../../src/vendors/cloudflare.ts";
import { vendorApi } from "../../src/vendors/vendor-api.ts";
import {
  ACCOUNT,
  BASE_URL,
  emulateCloudflare,
  OTHER_ACCOUNT,
  policyOn,
  GROUPS,
} from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";

function connect(options: Partial<CloudflareEmulatorOptions> = {}, key?: string) {
  const cloud = emulateCloudflare(options);
  const pauses: number[] = [];
  const send = vendorApi({
    base: BASE_URL,
    key: new Secret(key ?? cloud.bootstrap),
    fetch: (url, init) => cloud.emulator.fetch(new Request(url, init)),
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      cloud.clock.advance(milliseconds);
      return Promise.resolve();
    },
    signal: new AbortController().signal,
  });
  const cloudflare = createCloudflare(send);
  const asUser = createCloudflare(
    vendorApi({
      base: BASE_URL,
      key: cloud.emulator.userToken,
      fetch: (url, init) => cloud.emulator.fetch(new Request(url, init)),
      sleep: () => Promise.resolve(),
      signal: new AbortController().signal,
    }),
  );
  return { ...cloud, cloudflare, asUser, pauses };
}

const titlesOf = async (list: Promise<readonly { title: string }[]>) =>
  (await list).map(({ title }) => title).toSorted();

describe("the client for Cloudflare", () => {
  it("lists namespaces beyond one page", async () => {
    const { cloudflare, createNamespace } = connect();
    const titles = Array.from({ length: 101 }, (_, index) => `namespace ${String(index)}`);
    for (const title of titles) await createNamespace(title);
    expect(await titlesOf(cloudflare.namespaces(ACCOUNT))).toEqual(titles.toSorted());
  });

  it("finds, renames and deletes a namespace, and takes one that is gone for deleted", async () => {
    const { cloudflare, createNamespace } = connect();
    const id = await createNamespace("old");
    await cloudflare.renameNamespace(ACCOUNT, id, "new");
    expect(await cloudflare.namespace(ACCOUNT, id)).toEqual({ id, title: "new" });
    await cloudflare.deleteNamespace(ACCOUNT, id);
    await cloudflare.deleteNamespace(ACCOUNT, id);
    expect(await cloudflare.namespace(ACCOUNT, id)).toBeUndefined();
  });

  it("lists tokens beyond one page, with the expired ones, and deletes one twice", async () => {
    const { cloudflare, clock, mint } = connect();
    const ending = await mint({ name: "ending", expires_on: "2026-11-24T00:00:00Z" });
    for (let index = 0; index < 50; index += 1) await mint({ name: `token ${String(index)}` });
    clock.set("2026-11-25T00:00:00Z");
    const tokens = await cloudflare.tokens(ACCOUNT);
    // Fifty-one and the one of the emulator itself.
    expect(tokens).toHaveLength(52);
    expect(tokens.find(({ id }) => id === ending.id)).toMatchObject({ name: "ending", status: "expired" });
    expect(JSON.stringify(tokens)).not.toContain(ending.value);
    await cloudflare.deleteToken(ACCOUNT, ending.id);
    await cloudflare.deleteToken(ACCOUNT, ending.id);
    expect((await cloudflare.tokens(ACCOUNT)).map(({ id }) => id)).not.toContain(ending.id);
  });

  it("lists every account of a user beyond one page", async () => {
    const accounts = Array.from({ length: 60 }, (_, index) => ({
      id: index.toString(16).padStart(32, "0"),
      name: `account ${String(index)}`,
    }));
    expect(await connect({ accounts }).asUser.accounts()).toEqual(accounts);
  });

  it("meets a refusal with the vendor's code where a token of an account lists accounts", async () => {
    await expect(connect().cloudflare.accounts()).rejects.toMatchObject({
      code: "VENDOR_FAILED",
      retryable: false,
      details: ["GET /accounts: answered 400", expect.stringMatching(/^1001: /)],
    });
  });

  it("meets a refusal where the token does not reach the account, and where it is unknown", async () => {
    const { cloudflare } = connect();
    await expect(cloudflare.namespaces(OTHER_ACCOUNT)).rejects.toMatchObject({
      details: [expect.stringContaining("answered 403"), expect.stringMatching(/^10000: /)],
    });
    await expect(connect({}, "x".repeat(40)).cloudflare.namespaces(ACCOUNT)).rejects.toMatchObject({
      details: [expect.stringContaining("answered 401"), expect.stringMatching(/^10000: /)],
    });
  });

  it("fails to write with a token that may only read", async () => {
    const cloud = connect();
    const id = await cloud.createNamespace("kept");
    const reader = await cloud.mint({ policies: [policyOn(ACCOUNT, [GROUPS.kvRead])] });
    const send = vendorApi({
      base: BASE_URL,
      key: new Secret(reader.value),
      fetch: (url, init) => cloud.emulator.fetch(new Request(url, init)),
      sleep: () => Promise.resolve(),
      signal: new AbortController().signal,
    });
    const limited = createCloudflare(send);
    expect(await titlesOf(limited.namespaces(ACCOUNT))).toEqual(["kept"]);
    await expect(limited.deleteNamespace(ACCOUNT, id)).rejects.toMatchObject({ code: "VENDOR_FAILED" });
    expect(await titlesOf(cloud.cloudflare.namespaces(ACCOUNT))).toEqual(["kept"]);
  });

  it("reads which environment the version of a Worker that serves was told", async () => {
    const { cloudflare, call } = connect();
    await call("POST", "/workers/workers", { json: { name: "brainbot-dev-gateway" } });
    const module = { name: "main.js", content_type: "application/javascript+module", content_base64: "" };
    const version = {
      main_module: "main.js",
      compatibility_date: "2026-07-01",
      modules: [{ ...module, content_base64: Buffer.from("export default {};").toString("base64") }],
      bindings: [
        { type: "plain_text", name: "KVSHIFT_ENVIRONMENT", text: "dev" },
        { type: "secret_text", name: "KEY", text: "not shown" },
      ],
    };
    await call("POST", "/workers/workers/brainbot-dev-gateway/versions?deploy=true", { json: version });
    const worker = await cloudflare.worker(ACCOUNT, "brainbot-dev-gateway");
    expect(await cloudflare.workers(ACCOUNT)).toEqual([worker]);
    const [deployed] = await cloudflare.deployedVersions(ACCOUNT, "brainbot-dev-gateway");
    const texts = await cloudflare.versionTexts(ACCOUNT, worker?.id ?? "none", deployed?.id ?? "none");
    expect([...texts]).toEqual([["KVSHIFT_ENVIRONMENT", "dev"]]);
  });

  it("waits out the rate limit for as long as Cloudflare says, then goes on", async () => {
    const { cloudflare, pauses } = connect({ rateLimit: { requests: 2, windowSeconds: 300 } });
    for (let call = 0; call < 3; call += 1) await cloudflare.namespaces(ACCOUNT);
    expect(pauses).toEqual([300_000]);
  });

  it("asks again after an answer was lost, and loses no delete to it", async () => {
    const { cloudflare, emulator, createNamespace } = connect();
    const id = await createNamespace("going");
    const lost = emulator.faults.add({ method: "DELETE", path: /namespaces/, fault: { kind: "lose-answer" } });
    await cloudflare.deleteNamespace(ACCOUNT, id);
    expect(lost.hits).toBe(1);
    expect(await cloudflare.namespaces(ACCOUNT)).toEqual([]);
  });
});
