import { describe, expect, it } from "vitest";

import { formatPath, pathKey, quote, valueAt } from "../../../src/config/path.ts";

describe("formatPath", () => {
  it("writes keys and list items as `pulumi config set --path` takes them", () => {
    expect(formatPath(["render", "services", 0])).toBe("kvshift:render.services[0]");
    expect(formatPath(["namespaces", "a.b", "consistency"])).toBe('kvshift:namespaces["a.b"].consistency');
  });

  it("shortens a key that fills the screen", () => {
    expect(formatPath(["namespaces", "n".repeat(1000)])).toBe(`kvshift:namespaces.${"n".repeat(64)}…`);
  });
});

describe("pathKey", () => {
  it("tells long paths apart that are shown alike", () => {
    expect(pathKey(["n".repeat(100)])).not.toBe(pathKey(["n".repeat(101)]));
  });
});

describe("quote", () => {
  it("escapes what would move the cursor or turn the text around", () => {
    expect(quote("a\u001b[2Jb\u009b1A\u202ec\n")).toBe('"a\\u001b[2Jb\\u009b1A\\u202ec\\n"');
  });
});

describe("valueAt", () => {
  it("finds own values only", () => {
    expect(valueAt({ a: [{ b: 1 }] }, ["a", 0, "b"])).toBe(1);
    expect(valueAt({}, ["constructor"])).toBeUndefined();
    expect(valueAt({ a: "text" }, ["a", "length"])).toBeUndefined();
  });
});
