import { GATEWAY_MARK, namespaceIdVariable } from "../core/names.ts";

/** The value under such a name is a credential: `CLOUDFLARE_KV_API_TOKEN`, `restToken`, `clientSecret`. */
const SECRET_NAME = /(?:token|secret|passw(?:or)?d|passphrase|(?:api|access|private)_?key)$/i;

/**
 * Cloudflare's token formats and our gateway's:
 * https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/
 */
const CREDENTIAL_FORMAT = new RegExp(`(?:^|[^A-Za-z0-9])(?:cfat|cfut|cfk|${GATEWAY_MARK})_[A-Za-z0-9_-]{20,}`);

/** Shorter texts stand in states for other reasons; no vendor's credential is as short. */
const MIN_CREDENTIAL_CHARACTERS = 16;

/** Whether a name, or a path of names, ends like that of a credential. */
export function isSecretName(name: string): boolean {
  // The rest of such a name is that of a namespace: one may well be called `refresh-token`.
  return SECRET_NAME.test(name) && !name.includes(namespaceIdVariable(""));
}

/** Whether a text can be looked for as a credential's value. */
export function isCredentialValue(value: unknown): value is string {
  return typeof value === "string" && value.length >= MIN_CREDENTIAL_CHARACTERS;
}

/** Whether `text` is or holds a credential: one of `known`, or anything of a known format. */
export function holdsCredential(text: string, known: readonly string[]): boolean {
  return CREDENTIAL_FORMAT.test(text) || known.some((value) => text.includes(value));
}
