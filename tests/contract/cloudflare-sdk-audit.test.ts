import { describe, expect, test } from "vitest";

import { ACCOUNT, emulateCloudflare, START } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";
import { all, sdkError, sdkFor } from "./cloudflare-sdk-client.ts";

const since = new Date(START - 1000).toISOString();
const before = new Date(START + 3_600_000).toISOString();
const KV_WRITE = "f7f0eda5697f475c90846e879bab8666";

describe("the audit log of the official SDK", () => {
  test("has each change that succeeded, newest first, over several pages, and neither reads nor refusals", async () => {
    const { accounts, kv } = sdkFor(emulateCloudflare());
    const minted = await accounts.tokens.create({
      account_id: ACCOUNT,
      name: "brainbot-dev-application-a1",
      policies: [
        {
          effect: "allow",
          permission_groups: [{ id: KV_WRITE }],
          resources: { [`com.cloudflare.api.account.${ACCOUNT}`]: "*" },
        },
      ],
    });
    await kv.namespaces.create({ account_id: ACCOUNT, title: "a" });
    await sdkError(kv.namespaces.create({ account_id: ACCOUNT, title: "a" }));
    await all(accounts.tokens.list({ account_id: ACCOUNT }));
    await accounts.tokens.delete(minted.id ?? "", { account_id: ACCOUNT });
    const events = await all(accounts.logs.audit.list({ account_id: ACCOUNT, since, before, limit: 1 }));
    expect(events.map(({ action, raw }) => [action?.type, raw?.method])).toEqual([
      ["delete", "DELETE"],
      ["create", "POST"],
      ["create", "POST"],
    ]);
    expect(events.at(-1)).toMatchObject({
      account: { id: ACCOUNT },
      actor: { context: "api_token" },
      raw: { uri: `/client/v4/accounts/${ACCOUNT}/tokens`, status_code: 200 },
      resource: { id: minted.id },
    });
    expect(JSON.stringify(events)).not.toContain(minted.value);
  });

  test("asks for the time between which it is to look", async () => {
    const { accounts } = sdkFor(emulateCloudflare());
    expect(await sdkError(accounts.logs.audit.list({ account_id: ACCOUNT, since: "x", before }))).toMatchObject({
      status: 400,
    });
    expect(await all(accounts.logs.audit.list({ account_id: ACCOUNT, since: before, before: "2099-01-01" }))).toEqual(
      [],
    );
  });
});
