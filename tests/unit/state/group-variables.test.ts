import { describe, expect, it } from "vitest";

import { readDeployment } from "../../../src/state/deployment.ts";
import { readGroupVariables } from "../../../src/state/group-variables.ts";

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const secret = (value: unknown) => ({ ...SECRET, plaintext: JSON.stringify(value) });

function read(envVars: unknown, more: object = {}) {
  const type = "render:index/envGroup:EnvGroup";
  const resources = [{ urn: `urn:pulumi:dev::kvshift::${type}::kv`, type, id: "evg-1", inputs: { envVars }, ...more }];
  const found = readGroupVariables(readDeployment({ deployment: { resources } }));
  return Object.fromEntries(found.map(({ key, value }) => [key, value.reveal()]));
}

describe("readGroupVariables", () => {
  it("reads values in clear, and inside of secrets at whichever place", () => {
    expect(read({ A: { value: "one" }, B: { value: secret("two") }, C: secret({ value: "three" }) })).toEqual({
      A: "one",
      B: "two",
      C: "three",
    });
    expect(read(secret({ A: { value: "one" } }))).toEqual({ A: "one" });
  });

  it("knows nothing of what is generated, of another form, or of a group that is on its way out", () => {
    expect(read({ A: { generateValue: true }, B: "text", C: { value: 7 } })).toEqual({});
    expect(read(undefined)).toEqual({});
    expect(read({ A: { value: "one" } }, { delete: true })).toEqual({});
  });
});
