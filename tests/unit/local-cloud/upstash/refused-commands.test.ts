import { describe, expect, it } from "vitest";

import type { Command } from "../../../../local-cloud/upstash/command.ts";
import { asUpstashPuts, refusalOf } from "../../../../local-cloud/upstash/refused-commands.ts";

const words = (line: string) => line.split(" ") as [string, ...string[]] satisfies Command;

describe("refusalOf", () => {
  it.each([
    "subscribe c",
    "MULTI",
    "SELECT 1",
    "CLIENT KILL ID 1",
    "blpop l 0",
    "XREAD COUNT 1 BLOCK 0 STREAMS s $",
    "xreadgroup group g c block 0 streams s >",
    "SCRIPT DEBUG YES",
  ])("does not let %s have the connection", (line) => {
    const name = line.split(" ")[0]?.toUpperCase() ?? "";
    expect(refusalOf(words(line))).toBe(
      `ERR Command "${name}" is not allowed in REST or it has a special context path`,
    );
  });

  it.each(["CONFIG SET maxmemory 1", "shutdown nosave", "REPLICAOF h 1", "ACL SETUSER u"])(
    "has no command for %s",
    (line) => {
      expect(refusalOf(words(line))).toMatch(/^ERR Command is not available: '[A-Z]+'\. See https:/);
    },
  );

  it.each([
    "GET BLOCK",
    "XREAD COUNT 1 STREAMS block 0",
    "XREADGROUP GROUP block block STREAMS s >",
    "SCRIPT LOAD code",
    "PUBLISH c m",
    "INFO",
    "EVAL code 0",
  ])("lets %s run", (line) => {
    expect(refusalOf(words(line))).toBeUndefined();
  });

  it("knows a name that is given as bytes", () => {
    expect(refusalOf([Buffer.from("monitor")])).toContain('"MONITOR"');
  });
});

describe("asUpstashPuts", () => {
  it.each(["ERR unknown command 'foo', with args beginning with: 'a' ", "ERR unknown command `foo`, with args"])(
    "puts %j in Upstash's words",
    (error) => {
      expect(asUpstashPuts(error, ["foo", "a"])).toMatch(/^ERR Command is not available: 'FOO'\. See https:/);
    },
  );

  it("leaves every other error as it is", () => {
    const error = "WRONGTYPE Operation against a key holding the wrong kind of value";
    expect(asUpstashPuts(error, ["GET", "unknown command"])).toBe(error);
  });
});
