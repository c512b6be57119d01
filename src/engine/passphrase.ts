import { createDecipheriv, pbkdf2 } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { z } from "zod";

import { parsedJsonObject } from "../core/json-object.ts";
import { backendFolder } from "./backend.ts";
import type { LockedStack } from "./holds.ts";

/** Of Pulumi's passphrase provider: pkg/secrets/passphrase/manager.go, sdk/go/common/resource/config/crypt.go */
const ITERATIONS = 1_000_000;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const KNOWN_TEXT = "pulumi";

/** `v1:<salt>:v1:<nonce>:<ciphertext of the known text>`, each part in base64. */
const SALT = /^v1:([A-Za-z0-9+/=]+):v1:([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

/** Whether a passphrase is the one that a stack was created with; `undefined` where the salt has another form. */
export async function fitsSalt(passphrase: string, encryptionSalt: string): Promise<boolean | undefined> {
  const [salt, nonce, sealed] = (SALT.exec(encryptionSalt) ?? []).slice(1).map((part) => Buffer.from(part, "base64"));
  if (salt === undefined || nonce === undefined || sealed === undefined || sealed.length <= TAG_BYTES) return undefined;
  const key = await promisify(pbkdf2)(passphrase, salt, ITERATIONS, KEY_BYTES, "sha256");
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
    return text.toString() === KNOWN_TEXT;
  } catch {
    // The tag does not fit: another key.
    return false;
  }
}

const checkpointSchema = z.object({
  checkpoint: z.object({
    latest: z.object({ secrets_providers: z.object({ state: z.object({ salt: z.string() }) }) }),
  }),
});

/** The salt in the state of a stack; `undefined` where there is none, or it cannot be seen. */
export async function saltInState({ backendUrl, project, stack }: LockedStack): Promise<string | undefined> {
  const root = backendFolder(backendUrl);
  if (root === undefined) return undefined;
  const path = join(root, ".pulumi", "stacks", project, `${stack}.json`);
  const text = await readFile(path, "utf8").catch(() => "");
  const state = checkpointSchema.safeParse(parsedJsonObject(text));
  return state.data?.checkpoint.latest.secrets_providers.state.salt;
}
