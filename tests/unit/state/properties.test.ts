import { createRequire } from "node:module";

import { describe, expect, it } from "vitest";

import { propertiesOf, UNKNOWN } from "../../../src/state/properties.ts";

const sdk: Record<string, unknown> = createRequire(import.meta.url)("@pulumi/policy/proxy.js");
const sentinels = Object.entries(sdk).filter(([name]) => /^unknown\w+Value$/.test(name));

describe("propertiesOf", () => {
  it("keeps every form of JSON as it is", () => {
    const source = {
      text: "x",
      size: 0,
      on: false,
      none: null,
      list: [1, ["a"], { key: "value" }],
      map: { inner: {} },
    };
    expect(propertiesOf(source)).toEqual(source);
  });

  it("shows what JSON cannot hold as nothing", () => {
    expect(propertiesOf({ a: undefined, b: () => 1 })).toEqual({ a: null, b: null });
  });

  it("knows each sentinel of the engine for a value that is not known yet", () => {
    expect(sentinels).toHaveLength(7);
    for (const [, sentinel] of sentinels) expect(propertiesOf({ a: [sentinel] })).toEqual({ a: [UNKNOWN] });
  });
});
