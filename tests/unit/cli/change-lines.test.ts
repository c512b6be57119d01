import { describe, expect, it } from "vitest";

import { changeLine } from "../../../src/cli/change-lines.ts";
import { countsLine, hasChanges } from "../../../src/engine/engine-report.ts";
import { recordingOutput } from "./recording-output.ts";

const plain = recordingOutput().output.paint;
const NAMESPACE = "cloudflare:index/workersKvNamespace:WorkersKvNamespace";
const line = (operation: string, type = NAMESPACE, properties: string[] = []) =>
  changeLine({ operation, type, name: "sessions", properties }, plain);

describe("changeLine", () => {
  it.each([
    ["create", "+"],
    ["create-replacement", "+"],
    ["update", "~"],
    ["replace", "±"],
    ["delete", "-"],
    ["delete-replaced", "-"],
    ["refresh", "↻"],
    ["import", "="],
  ])("shows %s as %s", (operation, sign) => {
    expect(line(operation)).toBe(`  ${sign} KV namespace sessions`);
  });

  it("names the properties that differ", () => {
    expect(line("update", "render:index/envGroup:EnvGroup", ["envVars", "name"])).toBe(
      "  ~ environment group sessions (envVars, name)",
    );
  });

  it("gives a type that it has no word for as it is", () => {
    expect(line("create", "cloudflare:index/queue:Queue")).toBe("  + cloudflare:index/queue:Queue sessions");
  });

  it.each(["kvshift:index:Environment", "pulumi:providers:cloudflare"])("passes over %s", (type) => {
    expect(line("create", type)).toBeUndefined();
  });

  it("paints what is removed red, what is new green and the rest yellow", () => {
    const { output } = recordingOutput({ isTerminal: true });
    const colours = ["delete", "create", "update"].map((operation) =>
      changeLine({ operation, type: NAMESPACE, name: "x", properties: [] }, output.paint)?.slice(2, 7),
    );
    expect(colours).toEqual(["\u001B[31m", "\u001B[32m", "\u001B[33m"]);
  });
});

describe("countsLine", () => {
  it("counts each operation, or says that there was nothing", () => {
    expect(countsLine({ counts: { create: 2, same: 7 } })).toBe("2 create, 7 same");
    expect(countsLine({ counts: {} })).toBe("nothing");
  });
});

describe("hasChanges", () => {
  it.each([
    [{}, false],
    [{ same: 12 }, false],
    [{ same: 12, update: 0 }, false],
    [{ same: 12, update: 1 }, true],
    [{ delete: 1 }, true],
  ])("is, of %o, %s", (counts, expected) => {
    expect(hasChanges({ counts })).toBe(expected);
  });
});
