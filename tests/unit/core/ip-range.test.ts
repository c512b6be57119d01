import { describe, expect, it } from "vitest";

import { parseIpRange, rangeIncludes } from "../../../src/core/ip-range.ts";

const includes = (range: string, address: string) => rangeIncludes(parseIpRange(range), address);

describe("a range of addresses", () => {
  it.each([
    ["203.0.113.7/32", "203.0.113.7"],
    ["203.0.113.0/24", "203.0.113.255"],
    // The host's own bits do not count.
    ["203.0.113.77/24", "203.0.113.1"],
    ["128.0.0.0/1", "255.255.255.255"],
    ["0.0.0.0/0", "8.8.8.8"],
    ["2001:db8::/32", "2001:db8:ffff::1"],
    ["2001:db8::1/128", "2001:0DB8:0:0:0:0:0:1"],
    ["::/0", "2001:db8::1"],
    ["1:2:3:4:5:6:7::/112", "1:2:3:4:5:6:7:8"],
    ["2001:db8::192.0.2.1/128", "2001:db8::c000:201"],
  ])("%s includes %s", (range, address) => {
    expect(includes(range, address)).toBe(true);
  });

  it.each([
    ["203.0.113.7/32", "203.0.113.6"],
    ["203.0.113.0/24", "203.0.114.0"],
    ["128.0.0.0/1", "127.255.255.255"],
    ["2001:db8::/32", "2001:db9::"],
    ["2001:db8::1/128", "2001:db8::2"],
    // Each kind has ranges of its own.
    ["0.0.0.0/0", "2001:db8::1"],
    ["::/0", "203.0.113.7"],
  ])("%s does not include %s", (range, address) => {
    expect(includes(range, address)).toBe(false);
  });

  it("takes an IPv4 client on a socket for both kinds as what it is", () => {
    expect(includes("203.0.113.0/24", "::ffff:203.0.113.7")).toBe(true);
    expect(includes("203.0.113.0/24", "::ffff:cb00:7107")).toBe(true);
    expect(includes("::/0", "::ffff:203.0.113.7")).toBe(false);
  });

  it("may be written in IPv6 for IPv4 clients, as the configuration allows", () => {
    expect(includes("::ffff:203.0.113.7/128", "203.0.113.7")).toBe(true);
    expect(includes("::ffff:203.0.113.7/128", "203.0.113.8")).toBe(false);
    expect(includes("::ffff:203.0.113.0/120", "::ffff:203.0.113.255")).toBe(true);
    expect(includes("::ffff:203.0.113.0/120", "203.0.114.0")).toBe(false);
    expect(includes("::ffff:0:0/96", "8.8.8.8")).toBe(true);
    expect(includes("::ffff:0:0/96", "2001:db8::1")).toBe(false);
    // It holds more than those: a range of IPv6 like others.
    expect(includes("::ffff:0:0/80", "0:0:0:0:1::")).toBe(false);
    expect(includes("::ffff:0:0/80", "::fffe:0:1")).toBe(true);
  });

  it.each([
    "",
    "unknown",
    "203.0.113",
    "203.0.113.7.1",
    "203.0.113.256",
    "203.0.113.-1",
    "203.0.113.7, 10.0.0.1",
    " 203.0.113.7",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    ":1",
    "g::",
    "fe80::1%eth0",
    "1.2.3.4::1",
  ])("includes no address that is none: %j", (address) => {
    expect(includes("0.0.0.0/0", address) || includes("::/0", address)).toBe(false);
  });

  it.each(["203.0.113.7", "203.0.113.0/33", "203.0.113.0/", "203.0.113.0/24/8", "::/129", "::/-1", "x/8", "/8"])(
    "is not %j",
    (text) => {
      expect(() => parseIpRange(text)).toThrow(`"${text}" is no CIDR range`);
    },
  );
});
