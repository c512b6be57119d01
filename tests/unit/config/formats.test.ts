import { describe, expect, it } from "vitest";

import { isCidr, isDnsName, areTooWide, isLoopback, isPlainHttpsUrl, isUtcDate } from "../../../src/config/formats.ts";

describe("isUtcDate", () => {
  it.each(["2027-11-23T00:00:00Z", "2028-02-29T23:59:59Z"])("takes %s", (text) => {
    expect(isUtcDate(text)).toBe(true);
  });

  it.each([
    "2027-11-23",
    "2027-11-23T00:00Z",
    "2027-11-23T00:00:00",
    "2027-11-23T00:00:00.000Z",
    "2027-11-23T01:00:00+01:00",
    "2027-11-23 00:00:00Z",
    "2027-02-29T00:00:00Z",
    "2027-13-01T00:00:00Z",
    "2027-01-01T24:00:00Z",
    "2027-01-01T00:00:60Z",
    " 2027-11-23T00:00:00Z",
    "",
  ])("refuses %j", (text) => {
    expect(isUtcDate(text)).toBe(false);
  });
});

describe("isCidr", () => {
  it.each(["203.0.113.10/32", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "::1/128", "::/0"])("takes %s", (text) => {
    expect(isCidr(text)).toBe(true);
  });

  it.each([
    "203.0.113.10",
    "203.0.113.10/33",
    "203.0.113/24",
    "203.0.113.256/32",
    "203.0.113.10/032",
    "203.0.113.10/32/1",
    "203.0.113.10/",
    "2001:db8::/129",
    "fe80::1%eth0/64",
    "example.com/24",
    "",
  ])("refuses %j", (text) => {
    expect(isCidr(text)).toBe(false);
  });

  it("knows the networks that hold too much to bind to, in every form", () => {
    const wide = ["0.0.0.0/0", "::/0", "10.0.0.0/7", "::ffff:0:0/96", "::FFFF:203.0.113.7/96", "0:0:0:0:0:ffff::/96"];
    const narrow = ["10.0.0.0/8", "2001:db8::/96", "::ffff:203.0.113.0/120", "::fffe:0:0/96", "2000::/8"];
    expect(wide.filter((network) => !areTooWide([network]))).toEqual([]);
    expect(narrow.filter((network) => areTooWide([network]))).toEqual([]);
  });

  it("counts what networks hold together, and once what several hold", () => {
    expect(areTooWide(["0.0.0.0/1", "128.0.0.0/1"])).toBe(true);
    expect(areTooWide(["::/1", "8000::/1"])).toBe(true);
    expect(
      areTooWide(
        Array.from(
          { length: 257 },
          (_, index) => `${String(Math.floor(index / 256) + 10)}.${String(index % 256)}.0.0/16`,
        ),
      ),
    ).toBe(true);
    expect(areTooWide(["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8", "2000::/8"])).toBe(false);
  });
});

describe("isDnsName", () => {
  it.each(["kv.example.com", "a.b", "xn--bcher-kva.example"])("takes %s", (text) => {
    expect(isDnsName(text)).toBe(true);
  });

  it.each([
    "localhost",
    "Kv.example.com",
    "kv..com",
    "-a.com",
    "a-.com",
    "a_b.com",
    `${"a".repeat(64)}.com`,
    "a.".repeat(130),
  ])("refuses %j", (text) => {
    expect(isDnsName(text)).toBe(false);
  });
});

describe("isLoopback", () => {
  it.each([
    "http://127.0.0.1:80",
    "http://127.1.2.3/v1",
    "http://127.1",
    "http://LOCALHOST:1",
    "http://[::1]:8080/client/v4",
    "http://2130706433",
  ])("holds for %s", (url) => {
    expect(isLoopback(url)).toBe(true);
  });

  it.each([
    undefined,
    "",
    "127.0.0.1",
    "https://api.cloudflare.com/client/v4",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "http://127.0.0.1@example.com",
    "http://example.com/?127.0.0.1",
    "http://0.0.0.0",
    "http://10.127.0.0",
    "http://[::2]",
  ])("does not hold for %s", (url) => {
    expect(isLoopback(url)).toBe(false);
  });
});

describe("isPlainHttpsUrl", () => {
  it.each(["https://example-12345.upstash.io", "https://example.com:8443/path"])("takes %s", (text) => {
    expect(isPlainHttpsUrl(text)).toBe(true);
  });

  it.each([
    "http://example.com",
    "example.com",
    "redis://example.com",
    "https://user@example.com",
    "https://:fake@example.com",
    "https://example.com?_token=fake",
    "https://example.com#fake",
    "",
  ])("refuses %j", (text) => {
    expect(isPlainHttpsUrl(text)).toBe(false);
  });
});
