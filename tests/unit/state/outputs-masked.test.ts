import { describe, expect, it } from "vitest";

import { maskedOutputs } from "../../../src/state/outputs.ts";

describe("maskedOutputs", () => {
  it("shows plain outputs and masks secret ones as a whole", () => {
    const outputs = {
      namespaces: { value: { cache: { id: "0d3a" } }, secret: false },
      secretVariables: { value: { CLOUDFLARE_KV_API_TOKEN: "x".repeat(40) }, secret: true },
      empty: { value: null, secret: true },
    };
    expect(maskedOutputs(outputs)).toEqual({
      namespaces: { cache: { id: "0d3a" } },
      secretVariables: "[secret]",
      empty: "[secret]",
    });
  });
});
