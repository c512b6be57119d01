import { describe, expect, it } from "vitest";

import { asNetwork, readFlags } from "../../../../src/flows/init/flags.ts";
import type { InitOptions } from "../../../../src/flows/init/options.ts";
import { ACCOUNT, OWNER, RENDER_ENVIRONMENT, SERVICE } from "./example-answers.ts";

const read = (options: Partial<InitOptions>) => readFlags({ stack: "staging", access: "rest", ...options });
const wrong = (options: Partial<InitOptions>) => read(options).wrong.map((line) => line.split(":")[0]);

describe("readFlags", () => {
  it("leaves open what is not given", () => {
    expect(read({})).toEqual({ given: {}, wrong: [] });
  });

  it("reads namespaces, networks and days", () => {
    const { given, wrong } = read({
      namespace: ["cache:eventual"],
      allowedIp: ["203.0.113.10", "10.0.0.0/8"],
      operatorIp: ["2001:db8::1"],
      expiresIn: "90",
    });
    expect({ given, wrong }).toEqual({
      given: {
        namespaces: [{ name: "cache", consistency: "eventual", defaultTtlSeconds: 3600 }],
        allowedIps: ["203.0.113.10/32", "10.0.0.0/8"],
        operatorIps: ["2001:db8::1/128"],
        expiresInDays: 90,
      },
      wrong: [],
    });
  });

  it("finds nothing wrong with flags of the right form", () => {
    const right = { app: "brainbot", account: ACCOUNT, workspace: OWNER, service: [SERVICE] };
    const more = {
      renderEnvironment: RENDER_ENVIRONMENT,
      phase: "dual",
      upstashUrl: "https://example.upstash.io",
    } as const;
    expect(wrong({ ...right, ...more, expiresIn: "never" })).toEqual([]);
  });

  it("takes either address of a gateway, or both", () => {
    const named = { hostname: "kv.example.com", zone: ACCOUNT };
    expect(wrong({ access: "gateway", workersSubdomain: "brainbot" })).toEqual([]);
    expect(wrong({ access: "gateway", ...named })).toEqual([]);
    expect(wrong({ access: "gateway", workersSubdomain: "brainbot", ...named })).toEqual([]);
  });

  it.each<[string, Partial<InitOptions>]>([
    ["--app", { app: "Brainbot" }],
    ["--account", { account: "0d3a" }],
    ["--workspace", { workspace: SERVICE }],
    ["--service", { service: [SERVICE, OWNER, OWNER] }],
    ["--render-environment", { renderEnvironment: "staging" }],
    ["--namespace", { namespace: ["cache"] }],
    ["--workers-subdomain", { access: "gateway", workersSubdomain: "no label" }],
    ["--hostname", { access: "gateway", hostname: "nodots", zone: ACCOUNT }],
    ["--zone", { access: "gateway", hostname: "kv.example.com", zone: "short" }],
    ["--zone", { access: "gateway", hostname: "kv.example.com" }],
    ["--hostname", { access: "gateway", zone: ACCOUNT }],
    ["--workers-subdomain", { workersSubdomain: "brainbot" }],
    ["--upstash-url", { phase: "dual", upstashUrl: "https://user:password@example.com" }],
    ["--allowed-ip", { allowedIp: ["203.0.113.10/33"] }],
    ["--operator-ip", { operatorIp: ["the office"] }],
    ["--expires-in", { expiresIn: "0" }],
    ["--expires-in", { expiresIn: "3651" }],
    ["--expires-in", { expiresIn: "1.5" }],
    ["--expires-in", { expiresIn: "-1" }],
  ])("lays what has the wrong form to %s, once", (flag, options) => {
    expect(wrong(options)).toEqual([flag]);
  });

  it("names everything that is wrong together", () => {
    expect(wrong({ app: "", account: "", expiresIn: "" })).toEqual(["--app", "--account", "--expires-in"]);
  });

  it("refuses the address of Redis where nothing reads it, whether the phase is said or not", () => {
    const upstashUrl = "https://example.upstash.io";
    expect(wrong({ upstashUrl })).toEqual(["--upstash-url"]);
    expect(wrong({ upstashUrl, phase: "kv" })).toEqual(["--upstash-url"]);
  });

  it("shows no value: a token may have been pasted in its place", () => {
    const pasted = `https://${"t".repeat(30)}@example.com`;
    const lines = read({ account: pasted, upstashUrl: pasted, phase: "dual", service: [pasted] }).wrong;
    expect(lines).toHaveLength(3);
    expect(lines.join()).not.toContain("ttt");
  });
});

describe("asNetwork", () => {
  it.each([
    ["203.0.113.10", "203.0.113.10/32"],
    ["2001:db8::1", "2001:db8::1/128"],
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["nowhere", "nowhere"],
  ])("makes of %s the network %s", (text, network) => {
    expect(asNetwork(text)).toBe(network);
  });
});
