import type { Clock } from "../core/clock.ts";
import { idOfGatewaySecret } from "../core/names.ts";
import { equalInConstantTime } from "./bytes.ts";
import type { CredentialConfig } from "./config.ts";
import { unauthenticated } from "./envelope.ts";
import { type IpRange, parseIpRange, rangeIncludes } from "../core/ip-range.ts";

/** A credential that was presented and is valid here and now. */
export interface Credential {
  readonly id: string;
  readonly role: CredentialConfig["role"];
  readonly namespaces: ReadonlySet<string>;
  readonly access: CredentialConfig["access"];
  /** RFC 3339; `undefined`: never. */
  readonly expiresAt: string | undefined;
}

/** Why a request was turned away: for the log, never for the caller. */
export type AuthenticationFailure =
  | "missing"
  | "malformed"
  | "unknown"
  | "wrong-secret"
  | "expired"
  | "wrong-address"
  | "suspended";

/** Told of each refusal before it is answered. `recognised`: id of the credential, where it is valid but suspended. */
export type OnFailure = (why: AuthenticationFailure, recognised?: string) => void | Promise<void>;

interface KnownCredential extends Credential {
  readonly hash: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
  readonly ranges: readonly IpRange[] | undefined;
  readonly suspended: boolean;
}

/** The name of a scheme is written in any case: https://www.rfc-editor.org/rfc/rfc9110#section-11.1 */
const BEARER = /^bearer +/i;
const NO_HASH = new Uint8Array(32);
const encoder = new TextEncoder();

/** The credentials that one version of the gateway knows. Only hashes of them are here. */
export class CredentialStore {
  readonly #clock: Clock;
  readonly #byId: ReadonlyMap<string, KnownCredential>;

  constructor(credentials: readonly CredentialConfig[], clock: Clock) {
    this.#clock = clock;
    this.#byId = new Map(credentials.map((credential) => [credential.id, known(credential)]));
  }

  /** The credential of a request; anything that is not valid is one and the same refusal, whatever the reason. */
  async authenticate(request: Request, onFailure: OnFailure): Promise<Credential> {
    const found = await this.#find(request);
    if (typeof found === "string") await onFailure(found);
    else if (found.suspended) await onFailure("suspended", found.id);
    else return found;
    throw unauthenticated();
  }

  async #find(request: Request): Promise<KnownCredential | AuthenticationFailure> {
    const header = request.headers.get("authorization");
    if (header === null) return "missing";
    const presented = header.replace(BEARER, "");
    const id = presented === header ? undefined : idOfGatewaySecret(presented);
    if (id === undefined) return "malformed";
    const credential = this.#byId.get(id);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(presented)));
    // Also for an id that is not known, so that both take the same time.
    const isEqual = equalInConstantTime(hash, credential?.hash ?? NO_HASH);
    if (credential === undefined) return "unknown";
    if (!isEqual) return "wrong-secret";
    if (this.#clock.now() >= credential.endsAt) return "expired";
    return allows(credential.ranges, request.headers.get("cf-connecting-ip")) ? credential : "wrong-address";
  }
}

function known(config: CredentialConfig): KnownCredential {
  const { id, role, sha256, namespaces, access, expiresAt, allowedIps, suspended } = config;
  const bytes = (sha256.match(/[0-9a-f]{2}/g) ?? []).map((pair) => Number.parseInt(pair, 16));
  if (bytes.length !== 32) throw new Error(`the hash of the credential ${id} is no SHA-256`);
  const endsAt = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
  // No moment is as late as one that is no number: such a credential would never end.
  if (Number.isNaN(endsAt)) throw new Error(`the end of the credential ${id} is no date`);
  return {
    id,
    role,
    namespaces: new Set(namespaces),
    access,
    expiresAt,
    hash: Uint8Array.from(bytes),
    endsAt,
    ranges: allowedIps?.map(parseIpRange),
    // Anything that was written there is no permission.
    suspended: suspended !== undefined,
  };
}

/** Cloudflare sets the header on every request, over whatever a caller sends. */
function allows(ranges: readonly IpRange[] | undefined, address: string | null): boolean {
  if (ranges === undefined) return true;
  return address !== null && ranges.some((range) => rangeIncludes(range, address));
}
