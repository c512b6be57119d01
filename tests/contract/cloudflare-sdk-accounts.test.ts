import { describe, expect, test } from "vitest";

import { ACCOUNT, emulateCloudflare, OTHER_ACCOUNT } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";
import { all, sdkError, sdkFor } from "./cloudflare-sdk-client.ts";

describe("accounts of the official SDK", () => {
  test("lists every page for a user's token, and gets one", async () => {
    const accounts = Array.from({ length: 12 }, (_, index) => ({
      id: index.toString(16).repeat(32),
      name: `account ${String(index)}`,
    }));
    const cloud = emulateCloudflare({ accounts });
    const client = sdkFor(cloud, cloud.emulator.userToken.reveal());
    const listed = await all(client.accounts.list({ per_page: 5 }));
    expect(listed.map(({ id, name }) => ({ id, name }))).toEqual(accounts);
    const [first] = listed;
    expect(await client.accounts.get({ account_id: first?.id ?? "" })).toEqual(first);
    expect((await all(client.accounts.list({ name: "account 7" }))).map(({ id }) => id)).toEqual(["7".repeat(32)]);
  });

  test("meets refusals as errors with status and code", async () => {
    const { accounts } = sdkFor(emulateCloudflare());
    expect(await sdkError(accounts.list())).toEqual({ status: 400, codes: [1001] });
    expect(await sdkError(accounts.get({ account_id: OTHER_ACCOUNT }))).toEqual({ status: 403, codes: [10000] });
    expect(await accounts.get({ account_id: ACCOUNT })).toMatchObject({ id: ACCOUNT, name: "first" });
  });
});

describe("the rate limit under the official SDK", () => {
  test("is an error with status, code and Retry-After", async () => {
    const cloud = emulateCloudflare({ rateLimit: { requests: 1, windowSeconds: 300 } });
    const { tokens } = sdkFor(cloud).accounts;
    await tokens.verify({ account_id: ACCOUNT });
    expect(await sdkError(tokens.verify({ account_id: ACCOUNT }))).toEqual({ status: 429, codes: [971] });
    await expect(tokens.verify({ account_id: ACCOUNT })).rejects.toSatisfy(
      (error: { headers: Headers }) => error.headers.get("retry-after") === "300",
    );
  });
});
