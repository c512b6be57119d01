import { Hono } from "hono";
import { describe, expect, test } from "vitest";

import { accountRoutes } from "../../../../local-cloud/cloudflare/accounts.ts";
import type { EmulatorEnv } from "../../../../local-cloud/cloudflare/context.ts";
import { KvStore } from "../../../../local-cloud/cloudflare/kv-store.ts";
import { type TokenPolicy, TokenStore } from "../../../../local-cloud/cloudflare/token-store.ts";
import { AuditLog } from "../../../../local-cloud/cloudflare/audit-log.ts";
import { WorkerStore } from "../../../../local-cloud/cloudflare/worker-store.ts";
import type { Exchange } from "../../../../local-cloud/http/edge.ts";
import {
  ACCOUNT,
  countingRandom,
  emulateCloudflare,
  errorOf,
  fieldOfEach,
  GROUPS,
  ManualClock,
  objectOf,
  OTHER_ACCOUNT,
  policyOn,
  START,
} from "./emulated-cloudflare.ts";

describe("accounts", () => {
  test("are listed for a user's token by name, direction and page", async () => {
    const accounts = Array.from({ length: 7 }, (_, index) => ({
      id: String(index).repeat(32),
      name: `a${String(index)}`,
    }));
    const { emulator, callAnywhere } = emulateCloudflare({ accounts });
    const token = emulator.userToken.reveal();
    const list = (query: string) => callAnywhere("GET", `/accounts${query}`, { token });
    const names = async (query: string) => fieldOfEach(await list(query), "name");
    expect([
      await names("?name=a3"),
      await names("?name=A3"),
      await names("?direction=desc&per_page=5"),
      await names("?page=2&per_page=5"),
      await names("?page=3&per_page=5"),
    ]).toEqual([["a3"], [], ["a6", "a5", "a4", "a3", "a2"], ["a5", "a6"], []]);
    expect((await list("?page=2&per_page=5")).json.result_info).toEqual({
      page: 2,
      per_page: 5,
      count: 2,
      total_count: 7,
      total_pages: 2,
    });
    expect((await list("?per_page=4")).status).toBe(400);
  });

  test("show their name, type and settings", async () => {
    const { call } = emulateCloudflare();
    expect(objectOf(await call("GET", ""))).toEqual({
      id: ACCOUNT,
      name: "first",
      type: "standard",
      settings: { enforce_twofactor: false, abuse_contact_email: null },
      created_on: "2026-11-23T00:00:00.000Z",
    });
  });

  test("are not listed for a token that an account owns", async () => {
    const { callAnywhere } = emulateCloudflare();
    const answer = await callAnywhere("GET", "/accounts");
    expect(errorOf(answer)).toEqual({ status: 400, code: 1001 });
    expect(answer.json.errors?.[0]?.message).toBe("List accounts endpoint does not support account owned tokens.");
  });

  test("are left out of the list of a user's token that may not read them", async () => {
    const [clock, random] = [new ManualClock(START), countingRandom()];
    const tokens = new TokenStore(clock, random);
    const accounts = [ACCOUNT, OTHER_ACCOUNT].map((id) => ({ id, name: "n" }));
    const app = new Hono<EmulatorEnv>();
    accountRoutes(app, {
      clock,
      random,
      startedAt: START,
      accounts,
      tokens,
      kv: new KvStore(clock, random),
      auditLog: new AuditLog(),
      workers: new WorkerStore(clock, random),
      workerHost: undefined,
      sourceAddress: "127.0.0.1",
    });
    const policies: TokenPolicy[] = [ACCOUNT, OTHER_ACCOUNT].map((id) => ({
      effect: "allow",
      permission_groups: [{ id: id === ACCOUNT ? GROUPS.settingsRead : GROUPS.kvWrite }],
      resources: { [`com.cloudflare.api.account.${id}`]: "*" },
    }));
    const { value } = tokens.create(null, { name: "of a user", policies });
    const exchange: Exchange = { request: null, response: null };
    await app.request("/accounts", { headers: { authorization: `Bearer ${value}` } }, { exchange });
    expect(exchange.response).toMatchObject({ result: [{ id: ACCOUNT }], result_info: { total_count: 1 } });
  });

  test("are refused to a token of another account, without its settings permission or of nobody", async () => {
    const { call, callAnywhere, mint } = emulateCloudflare();
    const kvOnly = await mint({ policies: [policyOn(ACCOUNT, [GROUPS.kvWrite])] });
    const unknown = `cfut_${"x".repeat(48)}`;
    expect([
      errorOf(await call("GET", "", { token: kvOnly.value })),
      errorOf(await callAnywhere("GET", `/accounts/${OTHER_ACCOUNT}`)),
      errorOf(await callAnywhere("GET", "/accounts", { token: unknown })),
    ]).toEqual([
      { status: 403, code: 10000 },
      { status: 403, code: 10000 },
      { status: 401, code: 10000 },
    ]);
  });
});
