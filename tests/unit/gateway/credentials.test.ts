import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { CredentialConfig } from "../../../src/gateway/config.ts";
import { type AuthenticationFailure, CredentialStore } from "../../../src/gateway/credentials.ts";
import { credentialConfig, credentialOf } from "../../../testbed/gateway-fixture.ts";
import { ManualClock, START } from "../local-cloud/cloudflare/emulated-cloudflare.ts";

const ID = "dev-application-a1";

function open(rest: Partial<Omit<CredentialConfig, "id" | "sha256">> = {}) {
  const clock = new ManualClock(START);
  const store = new CredentialStore([credentialConfig(ID, rest), credentialConfig("dev-operator-a1")], clock);
  const failures: AuthenticationFailure[] = [];
  const authenticate = (headers: Record<string, string>) =>
    store.authenticate(new Request("https://gateway.test/", { headers }), (why) => {
      failures.push(why);
    });
  return { clock, failures, authenticate };
}

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

describe("a credential", () => {
  it("is known by its hash, with what it reaches", async () => {
    const { authenticate, failures } = open({ namespaces: ["cache"], access: "read" });
    expect(await authenticate(bearer(credentialOf(ID)))).toMatchObject({
      id: ID,
      role: "application",
      namespaces: new Set(["cache"]),
      access: "read",
      expiresAt: undefined,
    });
    expect(failures).toEqual([]);
  });

  it("that is suspended is refused and recognised, and told apart from one that ended or is wrong", async () => {
    const failures: unknown[] = [];
    const store = new CredentialStore(
      [credentialConfig(ID, { suspended: true, expiresAt: new Date(START + 1000).toISOString() })],
      new ManualClock(START),
    );
    const headers = (token: string) => new Request("https://gateway.test/", { headers: bearer(token) });
    const note = (...told: unknown[]) => {
      failures.push(told);
    };
    await expect(store.authenticate(headers(credentialOf(ID)), note)).rejects.toMatchObject({ status: 401 });
    await expect(store.authenticate(headers(`${credentialOf(ID)}x`), note)).rejects.toMatchObject({ status: 401 });
    expect(failures).toEqual([["suspended", ID], ["wrong-secret"]]);
  });

  it.each(["bearer", "BEARER", "Bearer "])("is accepted under the scheme %j", async (scheme) => {
    const authorization = `${scheme} ${credentialOf(ID)}`;
    expect(await open().authenticate({ authorization })).toMatchObject({ id: ID });
  });

  it.each<[AuthenticationFailure, Record<string, string>]>([
    ["missing", {}],
    ["malformed", { authorization: "" }],
    ["malformed", bearer("")],
    ["malformed", { authorization: credentialOf(ID) }],
    ["malformed", { authorization: `Basic ${credentialOf(ID)}` }],
    ["malformed", { authorization: `Bearer${credentialOf(ID)}` }],
    ["malformed", bearer(`${credentialOf(ID)}, Bearer ${credentialOf(ID)}`)],
    ["malformed", bearer("y".repeat(40))],
    ["malformed", bearer(`kvs_${ID}_short`)],
    ["malformed", bearer(`kvs_${ID}_${"x".repeat(129)}`)],
    ["malformed", bearer(`kvs_${ID}_${"x".repeat(20)}_${"x".repeat(20)}`)],
    ["malformed", bearer(credentialOf(ID.toUpperCase()))],
    ["unknown", bearer(credentialOf("dev-application-a2"))],
    ["unknown", bearer(credentialOf("constructor"))],
    ["wrong-secret", bearer(`${credentialOf(ID)}x`)],
    ["wrong-secret", bearer(credentialOf(ID).replace("x", "X"))],
    ["wrong-secret", bearer(`kvs_${ID}_${"y".repeat(48)}`)],
  ])("that is %s is refused like any other: %j", async (why, headers) => {
    const { authenticate, failures } = open();
    await expect(authenticate(headers)).rejects.toMatchObject({
      status: 401,
      code: 10000,
      message: "Authentication error",
    });
    expect(failures).toEqual([why]);
  });

  it("counts as one of its own id only", async () => {
    const hashOfOther = createHash("sha256").update(credentialOf("dev-operator-a1")).digest("hex");
    const store = new CredentialStore([{ ...credentialConfig(ID), sha256: hashOfOther }], new ManualClock(START));
    const request = new Request("https://gateway.test/", { headers: bearer(credentialOf("dev-operator-a1")) });
    await expect(store.authenticate(request, () => undefined)).rejects.toMatchObject({ status: 401 });
  });

  it("ends at its millisecond", async () => {
    const { authenticate, clock, failures } = open({ expiresAt: new Date(START + 1000).toISOString() });
    clock.advance(999);
    expect(await authenticate(bearer(credentialOf(ID)))).toMatchObject({ id: ID });
    clock.advance(1);
    await expect(authenticate(bearer(credentialOf(ID)))).rejects.toMatchObject({ status: 401 });
    expect(failures).toEqual(["expired"]);
  });

  it("counts only from its addresses, where it has some", async () => {
    const { authenticate, failures } = open({ allowedIps: ["203.0.113.0/24", "2001:db8::/32"] });
    const from = (address: string | undefined) =>
      authenticate({
        ...bearer(credentialOf(ID)),
        ...(address === undefined ? {} : { "cf-connecting-ip": address }),
        "x-forwarded-for": "203.0.113.7",
      });
    expect(await from("203.0.113.7")).toMatchObject({ id: ID });
    expect(await from("2001:db8::1")).toMatchObject({ id: ID });
    for (const address of ["203.0.114.7", "", undefined]) {
      await expect(from(address)).rejects.toMatchObject({ status: 401 });
    }
    expect(failures).toEqual(["wrong-address", "wrong-address", "wrong-address"]);
  });

  it("counts from nowhere with an empty list of addresses", async () => {
    const { authenticate } = open({ allowedIps: [] });
    const headers = { ...bearer(credentialOf(ID)), "cf-connecting-ip": "203.0.113.7" };
    await expect(authenticate(headers)).rejects.toMatchObject({ status: 401 });
  });

  it("says nothing of its end or its addresses to whoever has another secret", async () => {
    const { authenticate, failures } = open({ expiresAt: new Date(START).toISOString(), allowedIps: [] });
    await expect(authenticate(bearer(`${credentialOf(ID)}x`))).rejects.toMatchObject({ status: 401 });
    expect(failures).toEqual(["wrong-secret"]);
  });
});

describe("a configuration of credentials", () => {
  const make = (change: Partial<CredentialConfig>) => () =>
    new CredentialStore([{ ...credentialConfig(ID), ...change }], new ManualClock(START));

  it.each(["", "ab", "a".repeat(63), "a".repeat(66), "A".repeat(64), `${"a".repeat(63)}g`])(
    "with the hash %j is refused as a whole",
    (sha256) => {
      expect(make({ sha256 })).toThrow(`the hash of the credential ${ID} is no SHA-256`);
    },
  );

  it.each(["", "never", "2026-13-01T00:00:00Z"])("with the end %j is refused: it would never come", (expiresAt) => {
    expect(make({ expiresAt })).toThrow(`the end of the credential ${ID} is no date`);
  });

  it("with a range that is none is refused", () => {
    expect(make({ allowedIps: ["203.0.113.7"] })).toThrow('"203.0.113.7" is no CIDR range');
  });
});
