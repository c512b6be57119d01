import { describe, expect, it } from "vitest";

import { assertKey, assertValueSize, expiryOf, metadataText } from "../../../src/gateway/rules.ts";

const refused = (status = 400) => expect.objectContaining({ status, code: 10001 });
const MEBIBYTE = 1024 * 1024;

describe("assertKey", () => {
  it.each(["k", "a/b", " ", "...", "\u0000", "__proto__", "k".repeat(512), "ü".repeat(256), "😀".repeat(128)])(
    "takes %j",
    (key) => {
      expect(() => {
        assertKey(key);
      }).not.toThrow();
    },
  );

  it.each(["", ".", "..", "\ud83d", "a\ude00b"])("refuses %j", (key) => {
    expect(() => {
      assertKey(key);
    }).toThrow(refused());
  });

  it.each(["k".repeat(513), `${"ü".repeat(256)}k`, `${"€".repeat(170)}kkk`])("refuses more than 512 bytes", (key) => {
    expect(() => {
      assertKey(key);
    }).toThrow(refused(414));
  });
});

describe("the size", () => {
  it("of a value is 25 MiB at most", () => {
    expect(() => {
      assertValueSize(25 * MEBIBYTE);
    }).not.toThrow();
    expect(() => {
      assertValueSize(25 * MEBIBYTE + 1);
    }).toThrow(refused(413));
  });

  it("of metadata is 1,024 bytes of UTF-8 at most", () => {
    expect(metadataText("ü".repeat(511))).toHaveLength(513);
    expect(() => metadataText(`${"ü".repeat(511)}m`)).toThrow(refused(413));
  });
});

describe("the end of a pair", () => {
  const NOW = 1_800_000_000_400;
  const NOW_SECONDS = 1_800_000_000;
  const of = (wanted: { expiration?: number; expirationTtl?: number }, minTtlSeconds = 60, maxExpirySeconds?: number) =>
    expiryOf(
      { expiration: wanted.expiration, expirationTtl: wanted.expirationTtl },
      { minTtlSeconds, ...(maxExpirySeconds === undefined ? {} : { maxExpirySeconds }) },
      NOW,
    );

  it("is none where none is asked for", () => {
    expect(of({})).toBeUndefined();
  });

  it("is a lifetime from the shortest that the store takes", () => {
    expect(of({ expirationTtl: 60 })).toEqual({ ttlSeconds: 60 });
    expect(of({ expirationTtl: 1 }, 1)).toEqual({ ttlSeconds: 1 });
  });

  it("is a point in time that is as far ahead", () => {
    expect(of({ expiration: NOW_SECONDS + 60 })).toEqual({ atSeconds: NOW_SECONDS + 60 });
    expect(of({ expiration: NOW_SECONDS + 1 }, 1)).toEqual({ atSeconds: NOW_SECONDS + 1 });
  });

  it("is the lifetime where both are given, whatever the point in time is", () => {
    expect(of({ expirationTtl: 60, expiration: 1 })).toEqual({ ttlSeconds: 60 });
  });

  it.each([
    { expirationTtl: 59 },
    { expirationTtl: 0 },
    { expirationTtl: -60 },
    { expirationTtl: 60.5 },
    { expirationTtl: Number.NaN },
    { expirationTtl: Number.NaN, expiration: NOW_SECONDS + 60 },
    { expiration: NOW_SECONDS + 59 },
    { expiration: 0 },
    { expiration: NOW_SECONDS + 60.5 },
    { expiration: Number.NaN },
  ])("is refused as %j", (wanted) => {
    expect(() => of(wanted)).toThrow(refused());
  });

  it("is refused beyond what the store can count to", () => {
    const max = 2 ** 31 - 1;
    expect(of({ expirationTtl: max }, 60, max)).toEqual({ ttlSeconds: max });
    expect(of({ expiration: max }, 60, max)).toEqual({ atSeconds: max });
    expect(() => of({ expirationTtl: max + 1 }, 60, max)).toThrow(refused());
    expect(() => of({ expiration: max + 1 }, 60, max)).toThrow(refused());
  });

  it("is refused beyond what the clock of the runtime can count to, in April 2262", () => {
    const last = Date.parse("2262-04-11T23:47:16Z") / 1000;
    expect(of({ expiration: last }, 1)).toEqual({ atSeconds: last });
    expect(of({ expirationTtl: last - NOW_SECONDS - 1 }, 1)).toEqual({ ttlSeconds: last - NOW_SECONDS - 1 });
    expect(() => of({ expiration: last + 1 }, 1)).toThrow(refused());
    expect(() => of({ expirationTtl: last - NOW_SECONDS + 1 }, 1)).toThrow(refused());
    expect(() => of({ expirationTtl: Number.MAX_SAFE_INTEGER }, 1)).toThrow(refused());
  });
});
