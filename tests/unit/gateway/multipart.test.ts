import { describe, expect, it } from "vitest";

import { parseMultipart } from "../../../src/gateway/multipart.ts";

const TYPE = "multipart/form-data; boundary=b";

/** `text` with one character for each byte. */
function parse(text: string, type = TYPE): Record<string, string> | undefined {
  const parts = parseMultipart(
    type,
    Uint8Array.from(text, (character) => character.charCodeAt(0)),
  );
  if (parts === undefined) return undefined;
  return Object.fromEntries([...parts].map(([name, part]) => [name, String.fromCharCode(...part)]));
}

const part = (name: string, content: string, headers = "") =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n${headers}\r\n${content}\r\n`;

describe("a multipart body", () => {
  it("has its parts by name, byte for byte", () => {
    const content = "\u0000\u00ff\r\n\n\r--\r\n--a";
    expect(parse(`${part("value", content)}${part("metadata", "{}")}--b--`)).toEqual({
      value: content,
      metadata: "{}",
    });
  });

  it("may have empty parts, a preamble and an epilogue", () => {
    expect(parse(`${part("value", "")}--b--`)).toEqual({ value: "" });
    expect(parse(`preamble\r\n${part("value", "v")}--b--\r\nepilogue`)).toEqual({ value: "v" });
    expect(parse("--b--")).toEqual({});
  });

  it("may have blanks behind a boundary, and a name with quotes in it", () => {
    expect(parse(`--b \t\r\nContent-Disposition: form-data; name="value"\r\n\r\nv\r\n--b--`)).toEqual({ value: "v" });
    expect(parse(`${part('a\\"b', "v")}--b--`)).toEqual({ 'a"b': "v" });
  });

  it("counts the last of two parts with one name", () => {
    expect(parse(`${part("value", "1")}${part("value", "2")}--b--`)).toEqual({ value: "2" });
  });

  it.each([
    "multipart/form-data;boundary=b",
    'multipart/form-data; boundary="b"',
    "multipart/form-data; charset=utf-8; boundary=b",
    "multipart/form-data; boundary=b; charset=utf-8",
    "Multipart/Form-Data; BOUNDARY=b",
    'multipart/form-data ; boundary = "b"',
    'multipart/form-data; x="; boundary=c"; boundary=b',
  ])("has the boundary that %s names", (type) => {
    expect(parse(`${part("value", "v")}--b--`, type)).toEqual({ value: "v" });
  });

  it.each([
    ['Content-Disposition: form-data; name="value"; filename="f"'],
    ['Content-Disposition: form-data; filename="f"; name="value"'],
    ['Content-Disposition: form-data; filename="name"; name="value"'],
    ['content-disposition:FORM-DATA;NAME="value"'],
    // As .NET writes it.
    ["Content-Disposition: form-data; name=value"],
    ["Content-Disposition: form-data; filename=f; name=value; filename*=utf-8''f"],
    ['Content-Disposition: form-data; filename="; name=\\"other\\""; name="value"'],
    ['Content-Disposition: form-data ; name = "value"'],
    ['Content-Type: text/plain\r\nContent-Disposition: form-data; name="value"'],
    ['Content-Type: text/plain; name="other"\r\nContent-Disposition: form-data; name="value"'],
    ['Content-Disposition: form-data; name="value"\r\nContent-Type: text/plain; name="other"'],
  ])("finds the name in %j", (headers) => {
    expect(parse(`--b\r\n${headers}\r\n\r\nv\r\n--b--`)).toEqual({ value: "v" });
  });

  it.each([
    ["nothing", ""],
    ["no end", part("value", "v")],
    ["no end behind the last boundary", `${part("value", "v")}--b`],
    ["another boundary", `${part("value", "v")}--b--`.replaceAll("--b", "--c")],
    ["line feeds alone", `${part("value", "v")}--b--`.replaceAll("\r\n", "\n")],
    ["no name", "--b\r\nContent-Disposition: form-data\r\n\r\nv\r\n--b--"],
    ["a name elsewhere only", '--b\r\nContent-Type: text/plain; name="value"\r\n\r\nv\r\n--b--'],
    ["no headers", "--b\r\n\r\nv\r\n--b--"],
    ["headers that do not end", '--b\r\nContent-Disposition: form-data; name="value"\r\n--b--'],
    ["something behind the first boundary", `${part("value", "v")}--b--`.replace("--b", "--bx")],
    ["headers that end in the next part only", `${part("value", "v").slice(0, -5)}${part("x", "v")}--b--`],
    ["something behind a boundary", `${part("value", "v")}--bx\r\n--b--`],
  ])("is none with %s", (_, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it.each(["multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary=""'])(
    "is none where the type is %s",
    (type) => {
      expect(parse(`${part("value", "v")}--b--`, type)).toBeUndefined();
    },
  );
});
