import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

import { AppError } from "../core/app-error.ts";
import type { Sign } from "./record.ts";

/** PKCS#8, in PEM or its base64 alone. */
const KEY_VARIABLE = "KVSHIFT_AUDIT_KEY";

export interface SigningRules {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the configuration: SPKI in base64, without the lines of PEM. */
  readonly publicKey: string | undefined;
  readonly isProduction: boolean;
}

/**
 * How records are signed: with `KVSHIFT_AUDIT_KEY`, where it is set. Production with a configured public key does not
 * go on without it.
 *
 * @throws AppError AUDIT_KEY_REFUSED where the key is missing, is no Ed25519 key, or is not the configured one
 */
export function signerOf({ env, publicKey, isProduction }: SigningRules): Sign | undefined {
  const written = env[KEY_VARIABLE];
  if (written === undefined || written === "") {
    if (publicKey === undefined || !isProduction) return undefined;
    throw refused("Production signs its audit log, and there is no key to sign with.");
  }
  const key = readPrivateKey(written);
  if (key?.asymmetricKeyType !== "ed25519") throw refused(`${KEY_VARIABLE} is no Ed25519 key in PKCS#8.`);
  if (publicKey !== undefined && spkiOf(createPublicKey(key)) !== publicKey) {
    throw refused(`${KEY_VARIABLE} is not the key whose public half is configured.`);
  }
  return (hash) => sign(null, Buffer.from(hash, "hex"), key).toString("base64");
}

/** Whether a signature was made by the key whose public half is `publicKey` (SPKI in base64). */
export function signatureCheck(publicKey: string): (hash: string, signature: string) => boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
  return (hash, signature) => verify(null, Buffer.from(hash, "hex"), key, Buffer.from(signature, "base64"));
}

function readPrivateKey(text: string): KeyObject | undefined {
  const isPem = text.includes("-----BEGIN");
  try {
    return isPem
      ? createPrivateKey(text)
      : createPrivateKey({ key: Buffer.from(text, "base64"), format: "der", type: "pkcs8" });
  } catch {
    // The error of the library may hold a part of the key.
    return undefined;
  }
}

function spkiOf(key: KeyObject): string {
  return key.export({ format: "der", type: "spki" }).toString("base64");
}

function refused(problem: string): AppError {
  return new AppError("AUDIT_KEY_REFUSED", {
    problem,
    fix: `Set ${KEY_VARIABLE} to the private key, as \`openssl genpkey -algorithm ed25519\` makes one; its public half (\`openssl pkey -pubout -outform DER | base64\`) is kvshift:audit.publicKey.`,
  });
}
