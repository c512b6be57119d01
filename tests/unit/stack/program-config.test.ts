import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import { pulumiConfigValues } from "../../../src/stack/program.ts";

function valuesOf(config: Record<string, string>) {
  pulumi.runtime.setAllConfig(config);
  return pulumiConfigValues("kvshift");
}

describe("pulumiConfigValues", () => {
  it("gives text as text, and mappings and lists as what they hold", () => {
    const config = {
      "kvshift:app": "brainbot",
      "kvshift:readShare": "25",
      "kvshift:cloudflare": '{"accountId":"0d3a"}',
      "kvshift:list": '["a","b"]',
    };
    expect(valuesOf(config)).toEqual({
      app: "brainbot",
      readShare: "25",
      cloudflare: { accountId: "0d3a" },
      list: ["a", "b"],
    });
  });

  it("leaves other projects' keys out, and keeps colons of its own", () => {
    const config = { "cloudflare:apiToken": "fake", "kvshift2:app": "other", "kvshift:a:b": "text" };
    expect(valuesOf(config)).toEqual({ "a:b": "text" });
  });

  it("gives text that only looks like JSON as it is, for the schema to refuse", () => {
    expect(valuesOf({ "kvshift:namespaces": "{ sessions: {} }", "kvshift:app": "[brainbot" })).toEqual({
      namespaces: "{ sessions: {} }",
      app: "[brainbot",
    });
  });
});
