import { BlockList, isIP } from "node:net";

export interface IpCondition {
  readonly in?: readonly string[] | undefined;
  readonly not_in?: readonly string[] | undefined;
}

interface Cidr {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

/** A range in CIDR form, IPv4 or IPv6. A bare address is none: Cloudflare asks for the prefix length. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  const prefix = Number(digits);
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined;
  return { address, prefix, family: version === 4 ? "ipv4" : "ipv6" };
}

/** Whether a token with this condition may be used from `address`; `not_in` wins over `in`. */
export function allowsAddress(condition: IpCondition | undefined, address: string): boolean {
  if (condition?.not_in?.length && includesAddress(condition.not_in, address)) return false;
  return condition?.in?.length ? includesAddress(condition.in, address) : true;
}

function includesAddress(ranges: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const cidr = parseCidr(range);
    if (cidr !== undefined) list.addSubnet(cidr.address, cidr.prefix, cidr.family);
  }
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
