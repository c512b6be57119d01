/** A CIDR range: the bits of its address that count. */
export interface IpRange {
  readonly address: bigint;
  readonly bits: 32 | 128;
  readonly prefix: number;
}

/** `203.0.113.0/24` or `2001:db8::/32`. Throws on anything else: the configuration was checked before. */
export function parseIpRange(text: string): IpRange {
  const [, host = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const parsed = parseAddress(host);
  const prefix = Number(digits);
  if (parsed === undefined || prefix > parsed.bits) throw new Error(`"${text}" is no CIDR range`);
  return { ...parsed, prefix };
}

export function rangeIncludes({ address, bits, prefix }: IpRange, text: string): boolean {
  const parsed = parseAddress(text);
  if (parsed === undefined || parsed.bits !== bits) return false;
  const ignored = BigInt(bits - prefix);
  return address >> ignored === parsed.address >> ignored;
}

function parseAddress(text: string): Pick<IpRange, "address" | "bits"> | undefined {
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): Pick<IpRange, "address" | "bits"> | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return { address: parts.reduce((all, part) => (all << 8n) | BigInt(part), 0n), bits: 32 };
}

/** https://www.rfc-editor.org/rfc/rfc4291#section-2.2; an IPv4 address at the end counts as two groups. */
function parseV6(text: string): Pick<IpRange, "address" | "bits"> | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [before, behind] = halves.map(groupsOf);
  if (before === undefined || (halves.length === 2 && behind === undefined)) return undefined;
  const missing = 8 - before.length - (behind?.length ?? 0);
  if (behind === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => 0n), ...(behind ?? [])];
  const address = groups.reduce((all, group) => (all << 16n) | group, 0n);
  // An IPv4 client on a socket for both: ::ffff:203.0.113.7.
  if (address >> 32n === 0xffffn) return { address: address & 0xffffffffn, bits: 32 };
  return { address, bits: 128 };
}

function groupsOf(text: string): bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 && part.includes(".") ? parseV4(part) : undefined;
    if (v4 !== undefined) groups.push(v4.address >> 16n, v4.address & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
