import { describe, expect, it } from "vitest";

import { decryptedText, isEncrypted, showsNothing } from "../../../src/state/ciphertext.ts";
import { CREDENTIAL, DECRYPTED, ENCRYPTED } from "../../policy/recorded-state.ts";

const { ciphertext: _ciphertext, ...SIGNATURE_ONLY } = ENCRYPTED;
const OTHER_SIGNATURE = { ...ENCRYPTED, "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17" };

describe("isEncrypted", () => {
  it("knows a secret as the engine stores it", () => {
    expect(isEncrypted(ENCRYPTED)).toBe(true);
  });

  it.each([
    ["a text", "v1:fake:fake"],
    ["nothing", null],
    ["a list", [ENCRYPTED]],
    ["a secret that was decrypted", DECRYPTED],
    ["a ciphertext beside its plain text", { ...DECRYPTED, ...ENCRYPTED }],
    ["a signature without a ciphertext", SIGNATURE_ONLY],
    ["a ciphertext that is no text", { ...ENCRYPTED, ciphertext: null }],
    ["another kind of special value, such as an asset", OTHER_SIGNATURE],
  ])("does not take %s for one", (_, value) => {
    expect(isEncrypted(value)).toBe(false);
  });
});

describe("showsNothing", () => {
  it("holds for what is absent, empty or encrypted, and for nothing else", () => {
    expect([undefined, null, "", ENCRYPTED].map(showsNothing)).toEqual([true, true, true, true]);
    expect(["x", 0, false, [], {}, DECRYPTED].map(showsNothing)).toEqual(Array(6).fill(false));
  });
});

describe("decryptedText", () => {
  it("takes the value out of a decrypted secret, and out of nothing else", () => {
    expect(decryptedText(DECRYPTED)).toBe(JSON.stringify(CREDENTIAL));
    expect([ENCRYPTED, OTHER_SIGNATURE, "x", undefined, { plaintext: "x" }].map(decryptedText)).toEqual(
      Array(5).fill(undefined),
    );
  });
});
