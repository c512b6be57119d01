import { describe, expect, it } from "vitest";

import { commandOfJson, commandOfPath, commandsOfJson } from "../../../../local-cloud/upstash/command.ts";

const json = (text: string) => Buffer.from(text);
const NOTHING = Buffer.alloc(0);
const asText = (path: string, body = NOTHING) =>
  commandOfPath(new URL(path, "http://127.0.0.1"), body).map((argument) => argument.toString());

describe("a command of a path", () => {
  it.each([
    ["/set/foo/bar", ["set", "foo", "bar"]],
    ["/set/foo/bar/EX/100", ["set", "foo", "bar", "EX", "100"]],
    ["/set/foo/bar?EX=100&NX", ["set", "foo", "bar", "EX", "100", "NX"]],
    ["/set/foo/bar?_token=t&GET=", ["set", "foo", "bar", "GET"]],
    ["/set/foo/", ["set", "foo", ""]],
    ["/set/a%2Fb/%25%E4%BC%9A", ["set", "a/b", "%会"]],
    ["/set/a%zz", ["set", "a%zz"]],
    ["/", [""]],
  ])("reads %s", (path, command) => {
    expect(asText(path)).toEqual(command);
  });

  it("puts the body between the path and the query", () => {
    expect(asText("/set/foo?EX=100", json("a/b c"))).toEqual(["set", "foo", "a/b c", "EX", "100"]);
  });
});

describe("commands of JSON", () => {
  it("keeps numbers as they are written", () => {
    expect(commandOfJson(json('["SET", "k", 12345678901234567890, "EX", 1.0, false]'))).toEqual([
      "SET",
      "k",
      "12345678901234567890",
      "EX",
      "1.0",
      "false",
    ]);
  });

  it("reads a list of them", () => {
    expect(commandsOfJson(json('[["GET", "k"], ["INCRBY", "n", 2]]'))).toEqual([
      ["GET", "k"],
      ["INCRBY", "n", "2"],
    ]);
  });

  it.each(['["SET", "k", null]', '["SET", ["k"]]', "[]", "1", "", "[[]]"])("refuses %j", (text) => {
    expect(() => commandOfJson(json(text))).toThrow("ERR failed to parse command");
    expect(() => commandsOfJson(json(`[["PING"], ${text}]`))).toThrow("ERR failed to parse pipeline request");
  });
});
