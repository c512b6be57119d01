import { describe, expect, it } from "vitest";

import { GROUPS } from "../../local-cloud/cloudflare/emulated-cloudflare.ts";
import { checkNamed, emulateVendors, failures, SERVICE } from "./emulated-vendors.ts";

const ALL = [GROUPS.kvWrite, GROUPS.tokensWrite];
const KV = "Workers KV Storage: Edit";
const TOKENS = "Account API Tokens: Edit";

describe("the Cloudflare token", () => {
  it("passes with both permissions where it is the account's, and is only read with", async () => {
    const vendors = await emulateVendors();
    const checks = await vendors.checkUp();
    expect(checks.filter(({ ok }) => ok !== true)).toEqual([]);
    expect(checkNamed(checks, "Cloudflare token").found).toBe("active, of the account");
    expect([checkNamed(checks, KV).found, checkNamed(checks, TOKENS).found]).toEqual(["granted", "granted"]);
    expect(new Set(vendors.cloudflare.requestLog.entries.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  it("passes where it is a user's, which says nothing about writing", async () => {
    const vendors = await emulateVendors();
    const checks = await vendors.checkUp({ env: { CLOUDFLARE_API_TOKEN: vendors.cloudflare.userToken.reveal() } });
    expect(failures(checks)).toEqual({});
    expect(checkNamed(checks, "Cloudflare token").found).toBe("active, of a user");
    expect(checkNamed(checks, KV).found).toContain("may read");
  });

  it.each([
    ["unknown", "x".repeat(40), "Cloudflare does not know it"],
    ["missing", undefined, "CLOUDFLARE_API_TOKEN is not set"],
    ["broken by a paste", `${"x".repeat(20)}\n${"x".repeat(20)}`, "holds blanks"],
  ])("fails where it is %s, skips its permissions and never shows it", async (_, token, found) => {
    const checks = await (await emulateVendors()).checkUp({ env: { CLOUDFLARE_API_TOKEN: token } });
    expect(failures(checks)).toEqual({ "Cloudflare token": expect.stringContaining(found) });
    expect([checkNamed(checks, KV).ok, checkNamed(checks, TOKENS).ok]).toEqual(["skipped", "skipped"]);
    expect(JSON.stringify(checks)).not.toContain("x".repeat(20));
  });

  it.each([
    ["KV", [GROUPS.tokensWrite], { [KV]: "the token lacks it" }],
    ["tokens", [GROUPS.kvWrite], { [TOKENS]: "the token lacks it" }],
    ["writing KV", [GROUPS.kvRead, GROUPS.tokensWrite], { [KV]: "the token may only read" }],
    ["writing tokens", [GROUPS.kvWrite, GROUPS.tokensRead], { [TOKENS]: "the token may only read" }],
  ])("fails by the dashboard's name of the permission where it lacks %s", async (_, groups, expected) => {
    const vendors = await emulateVendors();
    const checks = await vendors.checkUp({ env: { CLOUDFLARE_API_TOKEN: await vendors.mint(groups) } });
    expect(failures(checks)).toEqual(expected);
    const [name = ""] = Object.keys(expected);
    expect(checkNamed(checks, name).fix).toContain(`"${name}"`);
  });

  it("fails by the refused address where its IP condition does not fit", async () => {
    const vendors = await emulateVendors();
    const token = await vendors.mint(ALL, { condition: { request_ip: { in: ["203.0.113.10/32"] } } });
    vendors.cloudflare.setSourceAddress("198.51.100.7");
    const checks = await vendors.checkUp({ env: { CLOUDFLARE_API_TOKEN: token } });
    expect(failures(checks)).toEqual({ "Cloudflare token": "its IP condition refuses 198.51.100.7" });
  });

  it("fails once it has expired, warns in the 14 days before, and not earlier", async () => {
    const vendors = await emulateVendors();
    const token = await vendors.mint(ALL, { expires_on: "2027-01-01T00:00:00Z" });
    const look = async (now: string) => {
      vendors.clock.set(now);
      return checkNamed(await vendors.checkUp({ env: { CLOUDFLARE_API_TOKEN: token } }), "Cloudflare token");
    };
    expect(await look("2026-12-18T00:00:00Z")).not.toHaveProperty("fix");
    expect(await look("2026-12-18T00:00:01Z")).toMatchObject({ ok: true, fix: expect.stringContaining("14 days") });
    expect(await look("2027-01-01T00:00:00Z")).toMatchObject({ ok: false, found: "expired on 2027-01-01T00:00:00Z" });
  });

  it("fails where it is not valid yet", async () => {
    const vendors = await emulateVendors();
    const token = await vendors.mint(ALL, { not_before: "2027-01-01T00:00:00Z" });
    const checks = await vendors.checkUp({ env: { CLOUDFLARE_API_TOKEN: token } });
    expect(failures(checks)).toEqual({ "Cloudflare token": "is not valid before 2027-01-01T00:00:00Z" });
  });
});

describe("the Render key", () => {
  it("fails where Render refuses it, and what it would open is skipped", async () => {
    const checks = await (await emulateVendors()).checkUp({ env: { RENDER_API_KEY: "x".repeat(32) } });
    expect(failures(checks)).toEqual({ "Render key": "Render refuses it" });
    expect(checkNamed(checks, "Render services").ok).toBe("skipped");
  });

  it("is good while a service of the file does not exist: the id is named", async () => {
    const checks = await (await emulateVendors([])).checkUp();
    expect(failures(checks)).toEqual({ [`Render service ${SERVICE}`]: "does not exist for this key" });
    expect(checkNamed(checks, "Render key").ok).toBe(true);
  });

  it("is not enough where RENDER_OWNER_ID names another workspace than the file", async () => {
    const checks = await (await emulateVendors()).checkUp({ env: { RENDER_OWNER_ID: "tea-other" } });
    expect(Object.keys(failures(checks))).toEqual(["Render workspace in RENDER_OWNER_ID"]);
  });
});

describe("a vendor that does not answer", () => {
  it.each([
    [
      "is unreachable",
      () => Promise.reject(Object.assign(new Error("secret"), { code: "ECONNREFUSED" })),
      "ECONNREFUSED",
    ],
    ["is down", () => Promise.resolve(new Response("<html>", { status: 503 })), "answered 503"],
  ])("does not pass for a wrong key where it %s", async (_, fetch, found) => {
    const checks = await (await emulateVendors()).checkUp({ fetch });
    expect(failures(checks)).toEqual({
      "Cloudflare token": expect.stringContaining(found),
      "Render key": expect.stringContaining(found),
    });
    expect(checkNamed(checks, "Cloudflare token").fix).toContain("network");
    expect(JSON.stringify(checks)).not.toContain('secret"');
  });
});

describe("the Cloudflare token behind the gateway", () => {
  const SCRIPTS = "Workers Scripts: Edit";
  const SUBDOMAIN = "workers.dev subdomain";

  async function behindGateway() {
    const vendors = await emulateVendors();
    await vendors.edit("access: rest", "access: gateway");
    await vendors.edit("  kvshift:namespaces:", "    workersSubdomain: brainbot\n  kvshift:namespaces:");
    return vendors;
  }

  /** Cloudflare's answer about the account's name under workers.dev. */
  const answering = (vendors: Awaited<ReturnType<typeof behindGateway>>, subdomain: string) => ({
    fetch: async (url: string, init?: RequestInit) =>
      new URL(url).pathname.endsWith("/workers/subdomain")
        ? Response.json({ success: true, errors: [], messages: [], result: { subdomain } })
        : vendors.fetch(url, init),
  });

  it("needs to deploy Workers, and not to mint tokens", async () => {
    const vendors = await behindGateway();
    const token = await vendors.mint([GROUPS.kvWrite, GROUPS.scriptsWrite, GROUPS.tokensRead]);
    const checks = await vendors.checkUp({ env: { CLOUDFLARE_API_TOKEN: token } });
    expect(failures(checks)).toEqual({});
    expect(checkNamed(checks, SCRIPTS).found).toBe("granted");
    expect(checks.map(({ name }) => name)).not.toContain(TOKENS);
  });

  it.each([
    ["deploying Workers", [GROUPS.kvWrite, GROUPS.tokensRead], "the token lacks it"],
    ["writing them", [GROUPS.kvWrite, GROUPS.scriptsRead, GROUPS.tokensRead], "the token may only read"],
  ])("fails by the dashboard's name of the permission where it lacks %s", async (_, groups, found) => {
    const vendors = await behindGateway();
    const checks = await vendors.checkUp({ env: { CLOUDFLARE_API_TOKEN: await vendors.mint(groups) } });
    expect(failures(checks)).toEqual({ [SCRIPTS]: found });
  });

  it("skips what it cannot look at without a token, by the names that count here", async () => {
    const checks = await (await behindGateway()).checkUp({ env: { CLOUDFLARE_API_TOKEN: undefined } });
    expect(checkNamed(checks, SCRIPTS).ok).toBe("skipped");
    expect(checks.map(({ name }) => name)).not.toContain(TOKENS);
  });

  it("passes the account's name under workers.dev, and fails another one: services would be sent there", async () => {
    const vendors = await behindGateway();
    expect(checkNamed(await vendors.checkUp(answering(vendors, "brainbot")), SUBDOMAIN)).toMatchObject({ ok: true });
    const checks = await vendors.checkUp(answering(vendors, "brainbox"));
    expect(failures(checks)).toEqual({ [SUBDOMAIN]: "the account's is brainbox, the file says brainbot" });
    expect(checkNamed(checks, SUBDOMAIN).fix).toContain("kvshift:cloudflare.workersSubdomain: brainbox");
  });

  it("asks for no such name where the gateway has a host name of its own", async () => {
    const vendors = await behindGateway();
    await vendors.edit("workersSubdomain: brainbot", `hostname: kv.example.com\n    zoneId: "${"0d3a".repeat(8)}"`);
    expect((await vendors.checkUp()).map(({ name }) => name)).not.toContain(SUBDOMAIN);
  });
});
