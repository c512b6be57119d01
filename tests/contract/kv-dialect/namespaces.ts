import { describe, expect, it } from "vitest";

import { type DialectClient, outcome } from "./client.ts";
import { NAMESPACE_NOT_FOUND, NOT_AUTHENTICATED } from "../../support/kv-outcomes.ts";

export function describeNamespaces(client: DialectClient): void {
  describe("namespaces and tokens", () => {
    it("shows the namespace alone and in the list", async () => {
      const { id, title } = client.dialect.namespace;
      const shown = { id, title, supports_url_encoding: true };
      expect((await client.call("GET", "")).result).toEqual(shown);
      const all = await client.send("GET", `/accounts/${client.dialect.accountId}/storage/kv/namespaces?per_page=100`);
      expect(all.result).toContainEqual(shown);
    });

    it("finds no namespace that does not exist", async () => {
      const path = `/accounts/${client.dialect.accountId}/storage/kv/namespaces/${"0".repeat(32)}`;
      expect(outcome(await client.send("GET", path))).toEqual(NAMESPACE_NOT_FOUND);
      expect(outcome(await client.send("GET", `${path}/values/k`))).toEqual(NAMESPACE_NOT_FOUND);
      expect(outcome(await client.send("PUT", `${path}/values/k`, { body: "v" }))).toEqual(NAMESPACE_NOT_FOUND);
      expect(outcome(await client.send("GET", `${path}/keys`))).toEqual(NAMESPACE_NOT_FOUND);
      expect(outcome(await client.send("PUT", `${path}/bulk`, { body: "[]" }))).toEqual(NAMESPACE_NOT_FOUND);
    });

    it("verifies the token that is used", async () => {
      const { status, result } = await client.send("GET", `/accounts/${client.dialect.accountId}/tokens/verify`);
      expect({ status, result }).toMatchObject({ status: 200, result: { status: "active" } });
    });

    it("refuses a token that it does not know", async () => {
      const headers = { authorization: `Bearer ${"y".repeat(40)}` };
      expect(outcome(await client.call("GET", "/values/k", { headers }))).toEqual(NOT_AUTHENTICATED);
    });
  });
}
