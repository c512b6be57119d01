import { describe, expect, it } from "vitest";

import { analyzeState } from "../../../src/engine/policy-analysis.ts";

const SUMMARY = JSON.stringify({ sequence: 2, summaryEvent: { result: "failed" } });
const BROKEN = JSON.stringify({
  sequence: 1,
  policyEvent: {
    resourceUrn: "urn:pulumi:dev::kvshift::type::cloudflare-kv",
    message: "<{%fg 1%}>The group is wrong<{%reset%}>",
    policyName: "one-link-for-each-group",
    enforcementLevel: "mandatory",
  },
});
const FINDING = {
  policy: "one-link-for-each-group",
  level: "mandatory",
  message: "The group is wrong",
  resource: "cloudflare-kv",
};

/** As the CLI fails where a mandatory rule is broken. */
function exitingWith1(stdout: string) {
  return () => Promise.reject(Object.assign(new Error("Command failed"), { code: 1, stdout }));
}

describe("analyzeState", () => {
  it("asks the CLI for an analysis with the pack", async () => {
    const calls: (readonly string[])[] = [];
    const run = (args: readonly string[]) => {
      calls.push(args);
      return Promise.resolve(`${SUMMARY}\n`);
    };
    expect(await analyzeState(run, "/a/pack")).toEqual([]);
    expect(calls).toEqual([["policy", "analyze", "--json", "--policy-pack", "/a/pack"]]);
  });

  it("gathers the findings, whatever the exit code", async () => {
    const output = `${BROKEN}\n${SUMMARY}\n`;
    expect(await analyzeState(() => Promise.resolve(output), "pack")).toEqual([FINDING]);
    expect(await analyzeState(exitingWith1(output), "pack")).toEqual([FINDING]);
  });

  it("passes a failure on that came before the end of the analysis", async () => {
    await expect(analyzeState(exitingWith1(`${BROKEN}\n`), "pack")).rejects.toThrow("Command failed");
    await expect(analyzeState(() => Promise.reject(new Error("no stack named")), "pack")).rejects.toThrow("no stack");
  });

  it("refuses events that it does not understand", async () => {
    const output = `${JSON.stringify({ policyEvent: { message: "?" } })}\n${SUMMARY}\n`;
    await expect(analyzeState(exitingWith1(output), "pack")).rejects.toThrow(/policyName/);
  });
});
