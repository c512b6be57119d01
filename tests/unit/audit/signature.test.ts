import { generateKeyPairSync } from "node:crypto";
import { rm } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { signatureCheck, signerOf } from "../../../src/audit/signature.ts";
import { verifyLog } from "../../../src/audit/verify.ts";
import { isPublicKey } from "../../../src/config/formats.ts";
import { createAuditLog } from "./audit-log.ts";

function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    pem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    der: privateKey.export({ format: "der", type: "pkcs8" }).toString("base64"),
    publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
  };
}

describe("signatures of the audit log", () => {
  it("are made with the key of the environment, and fit its public half only", async () => {
    const [own, other] = [keyPair(), keyPair()];
    for (const key of [own.pem, own.der]) {
      const rules = { env: { KVSHIFT_AUDIT_KEY: key }, publicKey: own.publicKey, isProduction: true };
      const log = await createAuditLog(signerOf(rules));
      await (await log.open()).done({ flow: "up" });
      const text = await log.text();
      await rm(log.folder, { recursive: true, force: true });
      expect(verifyLog(text, { checkSignature: signatureCheck(own.publicKey) })).toMatchObject({ signed: 1 });
      expect(verifyLog(text, { checkSignature: signatureCheck(other.publicKey) }).finding?.what).toBe("unsigned");
    }
  });

  it("are missed where a public key is configured", async () => {
    const log = await createAuditLog();
    await (await log.open()).done({ flow: "up" });
    const { finding } = verifyLog(await log.text(), { checkSignature: signatureCheck(keyPair().publicKey) });
    await rm(log.folder, { recursive: true, force: true });
    expect(finding).toMatchObject({ what: "unsigned", line: 1 });
  });

  it("are asked for in production with a public key, and nowhere else", () => {
    const { publicKey } = keyPair();
    expect(signerOf({ env: {}, publicKey: undefined, isProduction: true })).toBeUndefined();
    expect(signerOf({ env: {}, publicKey, isProduction: false })).toBeUndefined();
    expect(() => signerOf({ env: {}, publicKey, isProduction: true })).toThrow(
      expect.objectContaining({ code: "AUDIT_KEY_REFUSED" }),
    );
  });

  it.each([
    ["no key", "secret-text"],
    [
      "a key of another kind",
      generateKeyPairSync("x25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    ],
    ["another key", keyPair().pem],
  ])("are refused with %s, and the refusal does not show it", (_, key) => {
    const rules = { env: { KVSHIFT_AUDIT_KEY: key }, publicKey: keyPair().publicKey, isProduction: false };
    try {
      signerOf(rules);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "AUDIT_KEY_REFUSED" });
      expect(JSON.stringify(error)).not.toContain(key.trim().split("\n").at(-2) ?? key);
    }
  });

  it("knows a public key when it sees one", () => {
    const { publicKey, der } = keyPair();
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
    const others = ["", "x", der, `${publicKey}\n`, rsa.export({ format: "der", type: "spki" }).toString("base64")];
    expect([isPublicKey(publicKey), ...others.map(isPublicKey)]).toEqual([true, ...others.map(() => false)]);
  });
});
