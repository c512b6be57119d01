import { createPublicKey } from "node:crypto";

import { isIPv4, isIPv6 } from "node:net";

import { parseIpRange, shareOf } from "../core/ip-range.ts";

/** Lower-case letters, digits and dashes, a letter first: `app` and the names of namespaces. */
export const NAME = /^[a-z][a-z0-9-]*$/;
/** The name of an environment, which is the name of its Pulumi stack. */
export const ENVIRONMENT_NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const ENVIRONMENT_FILE = /^Pulumi\.([a-z0-9-]+)\.yaml$/;
/** Environments of pull requests. */
export const PREVIEW_NAME = /^pr-[1-9][0-9]*$/;
/** Ids of accounts and zones at Cloudflare. */
export const CLOUDFLARE_ID = /^[0-9a-f]{32}$/;
/** `usr-` of the workspaces that are a person's own. */
export const RENDER_WORKSPACE_ID = /^(?:tea|usr)-[0-9a-z]{20}$/;
/** `crn-` of cron jobs: whatever a group can be linked to. */
export const RENDER_SERVICE_ID = /^(?:srv|crn)-[0-9a-z]{20}$/;
export const RENDER_ENVIRONMENT_ID = /^evm-[0-9a-z]{20}$/;
/** The id that a rotation writes at mint and removes at close. */
export const ROTATION_ID = /^[A-Za-z0-9-]{1,64}$/;
/** One label of a DNS name: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.1 */
export const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The name of the file of an environment, as Pulumi looks for it. */
export function environmentFileName(environment: string): string {
  return `Pulumi.${environment}.yaml`;
}

/** The template of previews: a file of the kind `preview` that no environment has. */
export const PREVIEW_TEMPLATE = environmentFileName("preview");

/** The environment that a file is of, by its name; `undefined` where it is another file, the template of previews too. */
export function environmentOfFile(name: string): string | undefined {
  return name === PREVIEW_TEMPLATE ? undefined : ENVIRONMENT_FILE.exec(name)?.[1];
}

const MAX_DNS_NAME_CHARACTERS = 253;

export function isDnsName(text: string): boolean {
  const labels = text.split(".");
  return text.length <= MAX_DNS_NAME_CHARACTERS && labels.length >= 2 && labels.every((label) => DNS_LABEL.test(label));
}

/** `YYYY-MM-DDThh:mm:ssZ`, a day that exists: one spelling only, because the provider compares dates as text. */
export function isUtcDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === text.replace("Z", ".000Z");
}

/** An IPv4 or IPv6 network with its prefix length, such as `203.0.113.10/32`. */
export function isCidr(text: string): boolean {
  const [address = "", prefix = "", ...rest] = text.split("/");
  if (rest.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return false;
  if (isIPv4(address)) return Number(prefix) <= 32;
  return isIPv6(address) && !address.includes("%") && Number(prefix) <= 128;
}

/** What networks may hold together in production, of the addresses of either family: as much as one `/8`. */
const MAX_SHARE = 1 / 256;

/** Whether networks together leave out next to nothing, or more than a binding to addresses may; each has to be one. */
export function areTooWide(networks: readonly string[]): boolean {
  return shareOf(networks.map(parseIpRange)) > MAX_SHARE;
}

/** Whether a list names networks, and they hold no more than production may. */
export function areNarrowNetworks(networks: unknown): boolean {
  return (
    Array.isArray(networks) &&
    networks.length > 0 &&
    networks.every((network) => typeof network === "string" && isCidr(network)) &&
    !areTooWide(networks)
  );
}

/** Whether a URL points at this machine. `URL` writes every spelling of an address as one, IPv6 in brackets. */
export function isLoopback(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** An https URL that names a host and carries neither a user nor a password. */
export function isPlainHttpsUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return protocol === "https:" && username === "" && password === "" && search === "" && hash === "";
}

/** Whether a text is a public Ed25519 key: SPKI in base64, as `openssl pkey -pubout -outform DER | base64` prints it. */
export function isPublicKey(text: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
    return (
      key.asymmetricKeyType === "ed25519" && key.export({ format: "der", type: "spki" }).toString("base64") === text
    );
  } catch {
    return false;
  }
}
