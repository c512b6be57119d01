/** A CIDR range: the bits of its address that count. */
export interface IpRange {
  readonly address: bigint;
  readonly bits: 32 | 128;
  readonly prefix: number;
}

type Address = Pick<IpRange, "address" | "bits">;

/** `203.0.113.0/24` or `2001:db8::/32`. Throws on anything else: the configuration was checked before. */
export function parseIpRange(text: string): IpRange {
  const [, host = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const parsed = parseAddress(host);
  const prefix = Number(digits);
  if (parsed === undefined || prefix > parsed.bits) throw new Error(`"${text}" is no CIDR range`);
  // Only a range that holds nothing but mapped addresses is one of IPv4.
  const isMapped = prefix >= 96 && unmapped(parsed).bits !== parsed.bits;
  return isMapped ? { ...unmapped(parsed), prefix: prefix - 96 } : { ...parsed, prefix };
}

export function rangeIncludes({ address, bits, prefix }: IpRange, text: string): boolean {
  const parsed = parseAddress(text);
  if (parsed === undefined) return false;
  const client = unmapped(parsed);
  const ignored = BigInt(bits - prefix);
  return client.bits === bits && address >> ignored === client.address >> ignored;
}

/**
 * The share of all addresses that ranges hold together, of the family of which they hold more; 0 to 1. What lies in
 * several counts once.
 */
export function shareOf(ranges: readonly IpRange[]): number {
  const shareOfFamily = (bits: IpRange["bits"]): number => {
    const spans = ranges
      .filter((range) => range.bits === bits)
      .map(({ address, prefix }) => {
        const size = 1n << BigInt(bits - prefix);
        const from = (address / size) * size;
        return { from, to: from + size };
      })
      .toSorted((a, b) => (a.from < b.from ? -1 : 1));
    let [held, end] = [0n, 0n];
    for (const { from, to } of spans) {
      const first = from > end ? from : end;
      if (to > first) held += to - first;
      if (to > end) end = to;
    }
    return Number((held * PRECISION) >> BigInt(bits)) / Number(PRECISION);
  };
  return Math.max(shareOfFamily(32), shareOfFamily(128));
}

const PRECISION = 1n << 40n;

/** An IPv4 client on a socket for both kinds is `::ffff:203.0.113.7`: https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2 */
function unmapped({ address, bits }: Address): Address {
  const isMapped = bits === 128 && address >> 32n === 0xffffn;
  return isMapped ? { address: address & 0xffffffffn, bits: 32 } : { address, bits };
}

function parseAddress(text: string): Address | undefined {
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): Address | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return { address: parts.reduce((all, part) => (all << 8n) | BigInt(part), 0n), bits: 32 };
}

/** https://www.rfc-editor.org/rfc/rfc4291#section-2.2; an IPv4 address at the end counts as two groups. */
function parseV6(text: string): Address | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [before, behind] = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (before === undefined || (halves.length === 2 && behind === undefined)) return undefined;
  const missing = 8 - before.length - (behind?.length ?? 0);
  if (behind === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => 0n), ...(behind ?? [])];
  const address = groups.reduce((all, group) => (all << 16n) | group, 0n);
  return { address, bits: 128 };
}

function groupsOf(text: string, isLast: boolean): bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const v4 = isLast && index === parts.length - 1 && part.includes(".") ? parseV4(part) : undefined;
    if (v4 !== undefined) groups.push(v4.address >> 16n, v4.address & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
