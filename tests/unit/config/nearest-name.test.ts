import { describe, expect, it } from "vitest";

import { nearestName } from "../../../src/config/nearest-name.ts";

describe("nearestName", () => {
  it.each([
    ["kidn", ["kind", "app"], "kind"],
    ["readshare", ["readShare", "render"], "readShare"],
    ["default-ttl-seconds", ["defaultTtlSeconds", "maxTtlSeconds"], "defaultTtlSeconds"],
    ["defaultTtlSecond", ["defaultTtlSeconds", "maxTtlSeconds"], "defaultTtlSeconds"],
    ["slot", ["state", "slots"], "slots"],
    ["kvshfit", ["kvshift"], "kvshift"],
  ])("takes %s for one of %j", (name, candidates, meant) => {
    expect(nearestName(name, candidates)).toBe(meant);
  });

  it("prefers the nearest of several", () => {
    expect(nearestName("slotz", ["slots1", "slotz2", "slots"])).toBe("slotz2");
  });

  it.each([
    ["aws", ["app", "kind"]],
    ["upstash", ["services"]],
    ["", ["kind"]],
    ["anything", []],
  ])("finds nothing near %j in %j", (name, candidates) => {
    expect(nearestName(name, candidates)).toBeUndefined();
  });
});
