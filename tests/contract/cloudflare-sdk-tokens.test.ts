import { describe, expect, test } from "vitest";

import { ACCOUNT, emulateCloudflare, GROUPS } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";
import { all, sdkError, sdkFor } from "./cloudflare-sdk-client.ts";

const account = { account_id: ACCOUNT };
const RESOURCES = { [`com.cloudflare.api.account.${ACCOUNT}`]: "*" };
const POLICY = { effect: "allow" as const, permission_groups: [{ id: GROUPS.kvWrite }], resources: RESOURCES };
const SETTINGS = {
  ...account,
  name: "application",
  policies: [POLICY],
  not_before: "2026-11-22T00:00:00Z",
  expires_on: "2027-06-01T00:00:00Z",
  condition: { request_ip: { in: ["127.0.0.0/8"], not_in: ["127.0.0.2/32"] } },
};
const ID: unknown = expect.stringMatching(/^[0-9a-f]{32}$/);
const SHOWN_POLICY = {
  ...POLICY,
  id: ID,
  permission_groups: [{ id: GROUPS.kvWrite, name: "Workers KV Storage Write" }],
};
const SHOWN = {
  id: ID,
  name: "application",
  status: "active",
  issued_on: "2026-11-23T00:00:00.000Z",
  modified_on: "2026-11-23T00:00:00.000Z",
  not_before: SETTINGS.not_before,
  expires_on: SETTINGS.expires_on,
  condition: SETTINGS.condition,
  policies: [SHOWN_POLICY],
} as const;

describe("accounts.tokens of the official SDK", () => {
  test("creates, gets, lists, updates, rolls, verifies and deletes a token", async () => {
    const cloud = emulateCloudflare();
    const { tokens } = sdkFor(cloud).accounts;

    const created = await tokens.create(SETTINGS);
    const { id = "", value = "" } = created;
    expect(created).toEqual({ ...SHOWN, value: expect.stringMatching(/^cfat_[\w-]{48}$/) });
    expect(await tokens.get(id, account)).toEqual(SHOWN);
    expect(await all(tokens.list({ ...account, per_page: 5 }))).toEqual([
      expect.objectContaining({ name: "kvshift local bootstrap" }),
      SHOWN,
    ]);

    const verified = { id, status: "active", not_before: SETTINGS.not_before, expires_on: SETTINGS.expires_on };
    expect(await sdkFor(cloud, value).accounts.tokens.verify(account)).toEqual(verified);

    cloud.clock.advance(1_000);
    const updated = { ...SHOWN, name: "renamed", modified_on: "2026-11-23T00:00:01.000Z" };
    const withUse = { last_used_on: "2026-11-23T00:00:00.000Z" };
    expect(await tokens.update(id, { ...SETTINGS, name: "renamed" })).toEqual({ ...updated, ...withUse });
    expect(await tokens.update(id, { ...SETTINGS, name: "renamed", status: "disabled" })).toEqual({
      ...updated,
      ...withUse,
      status: "disabled",
    });
    expect(await sdkFor(cloud, value).accounts.tokens.verify(account)).toEqual({ ...verified, status: "disabled" });
    await tokens.update(id, { ...SETTINGS, status: "active" });

    const rolled = await tokens.value.update(id, account);
    expect(rolled).toMatch(/^cfat_[\w-]{48}$/);
    expect(rolled).not.toBe(value);
    const refused = await sdkError(sdkFor(cloud, value).accounts.tokens.verify(account));
    expect(refused).toEqual({ status: 401, codes: [1000] });
    expect(await sdkFor(cloud, rolled).accounts.tokens.verify(account)).toEqual(verified);

    expect(await tokens.delete(id, account)).toEqual({ id });
    expect(await sdkError(tokens.get(id, account))).toEqual({ status: 404, codes: [1003] });
    expect(await sdkError(tokens.delete(id, account))).toEqual({ status: 404, codes: [1003] });
    expect(await sdkError(tokens.update(id, SETTINGS))).toEqual({ status: 404, codes: [1003] });
    expect(await sdkError(tokens.value.update(id, account))).toEqual({ status: 404, codes: [1003] });
  });

  test("pages through many tokens in both directions, expired ones on demand", async () => {
    const cloud = emulateCloudflare();
    const { tokens } = sdkFor(cloud).accounts;
    const names = Array.from({ length: 12 }, (_, index) => `t${String(index)}`);
    for (const name of names) await tokens.create({ ...account, name, policies: [POLICY] });
    await tokens.create({ ...SETTINGS, name: "short", expires_on: "2026-11-24T00:00:00Z" });
    cloud.clock.set("2026-11-24T00:00:00Z");
    const listed = async (options: object) =>
      (await all(tokens.list({ ...account, per_page: 5, ...options }))).map(
        ({ name, status }) => `${name ?? ""} ${status ?? ""}`,
      );
    const alive = ["kvshift local bootstrap active", ...names.map((name) => `${name} active`)];
    expect(await listed({})).toEqual(alive);
    expect(await listed({ direction: "desc" })).toEqual(alive.toReversed());
    expect(await listed({ include_expired: true })).toEqual([...alive, "short expired"]);
  });

  test("lists and gets permission groups, with filters", async () => {
    const { permissionGroups } = sdkFor(emulateCloudflare()).accounts.tokens;
    const everything = await permissionGroups.get(account);
    expect(everything).toContainEqual({
      id: GROUPS.kvWrite,
      name: "Workers KV Storage Write",
      scopes: ["com.cloudflare.api.account"],
    });
    expect(await all(permissionGroups.list(account))).toEqual(everything);
    const name = "Workers KV Storage Read";
    const read = [{ id: GROUPS.kvRead, name, scopes: ["com.cloudflare.api.account"] }];
    expect(await permissionGroups.get({ ...account, name })).toEqual(read);
    expect(await all(permissionGroups.list({ ...account, name }))).toEqual(read);
    const zones = await permissionGroups.get({ ...account, scope: "com.cloudflare.api.account.zone" });
    expect(zones.map(({ name: zone }) => zone)).toEqual(["Workers Routes Write"]);
  });

  test("reports what the service refuses as errors with status and code", async () => {
    const cloud = emulateCloudflare();
    const { tokens } = sdkFor(cloud).accounts;
    const invalid = { status: 400, codes: [1001] };
    expect(await sdkError(tokens.create({ ...SETTINGS, name: "" }))).toEqual(invalid);
    expect(await sdkError(tokens.create({ ...SETTINGS, expires_on: "2026-11-22T00:00:00Z" }))).toEqual(invalid);
    expect(await sdkError(tokens.list({ ...account, per_page: 51 }))).toEqual(invalid);
    const unknown = sdkFor(cloud, "unknown").accounts.tokens;
    expect(await sdkError(unknown.list(account))).toEqual({ status: 401, codes: [10000] });
    const { value = "" } = await tokens.create(SETTINGS);
    const withoutPermission = sdkFor(cloud, value).accounts.tokens;
    expect(await sdkError(withoutPermission.create(SETTINGS))).toEqual({ status: 403, codes: [10000] });
    cloud.emulator.setSourceAddress("198.51.100.1");
    expect(await sdkError(withoutPermission.verify(account))).toEqual({ status: 403, codes: [9109] });
  });

  test("verifies the user's token at its own place", async () => {
    const cloud = emulateCloudflare();
    const user = sdkFor(cloud, cloud.emulator.userToken.reveal()).user.tokens;
    expect(await user.verify()).toEqual({ id: ID, status: "active" });
    expect(await sdkError(sdkFor(cloud).user.tokens.verify())).toEqual({ status: 401, codes: [1000] });
  });
});
