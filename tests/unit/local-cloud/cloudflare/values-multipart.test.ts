import { describe, expect, test } from "vitest";

import { emulateNamespace, errorOf, START } from "./emulated-cloudflare.ts";

const MAX_VALUE_BYTES = 25 * 1024 * 1024;
const NOW_SECONDS = START / 1000;
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);

function form(parts: Readonly<Record<string, string | Blob>>): FormData {
  const data = new FormData();
  for (const [name, part] of Object.entries(parts)) data.set(name, part);
  return data;
}

/** JSON text of exactly that length. */
function metadataOf(bytes: number): string {
  return JSON.stringify("m".repeat(bytes - 2));
}

describe("a multipart put", () => {
  test("stores the value byte for byte and the metadata as JSON", async () => {
    const { call, path } = await emulateNamespace();
    const bytes = Uint8Array.from([...ALL_BYTES, 13, 10, 45, 45, 13, 10]);
    const metadata = { user: "ü", roles: [1, null] };
    const body = form({ metadata: JSON.stringify(metadata), value: new Blob([bytes]) });
    expect((await call("PUT", `${path}/values/k?expiration_ttl=60`, { body })).status).toBe(200);
    const got = await call("GET", `${path}/values/k`);
    expect(got.bytes).toEqual(bytes);
    expect(got.headers.get("expiration")).toBe(String(NOW_SECONDS + 60));
    expect((await call("GET", `${path}/metadata/k`)).json.result).toEqual(metadata);
    expect((await call("GET", `${path}/keys`)).json.result).toEqual([
      { name: "k", expiration: NOW_SECONDS + 60, metadata },
    ]);
  });

  test("keeps a byte order mark at the beginning of a text", async () => {
    const { call, path } = await emulateNamespace();
    await call("PUT", `${path}/values/k`, { body: form({ value: "\ufefftext" }) });
    expect(Buffer.from((await call("GET", `${path}/values/k`)).bytes)).toEqual(Buffer.from("\ufefftext"));
  });

  test("takes 1,024 bytes of metadata and no byte more", async () => {
    const { call, path } = await emulateNamespace();
    const fits = await call("PUT", `${path}/values/k`, { body: form({ value: "v", metadata: metadataOf(1024) }) });
    const exceeds = await call("PUT", `${path}/values/k`, { body: form({ value: "v", metadata: metadataOf(1025) }) });
    expect(fits.status).toBe(200);
    expect(errorOf(exceeds)).toEqual({ status: 413, code: 10001 });
  });

  test("takes 25 MiB of value and no byte more", async () => {
    const { call, path } = await emulateNamespace();
    const put = (bytes: number) => {
      const body = form({ value: new Blob([new Uint8Array(bytes)]), metadata: metadataOf(1024) });
      return call("PUT", `${path}/values/k`, { body });
    };
    expect((await put(MAX_VALUE_BYTES)).status).toBe(200);
    expect(errorOf(await put(MAX_VALUE_BYTES + 1))).toEqual({ status: 413, code: 10001 });
    expect(errorOf(await put(MAX_VALUE_BYTES + 1024 * 1024))).toEqual({ status: 413, code: 10001 });
  });

  test.each([
    ["a file name that looks like a parameter", 'filename="; name=\\"other\\""; name="value"'],
    ["a quoted name with a quote in it beside it", 'title="a \\"; name=b"; name=value'],
  ])("finds the name behind %s", async (_, parameters) => {
    const { call, path } = await emulateNamespace();
    const body = `--x\r\ncontent-disposition: form-data; ${parameters}\r\n\r\nv\r\n--x--`;
    expect((await call("PUT", `${path}/values/k`, { body, headers })).status).toBe(200);
    expect(Buffer.from((await call("GET", `${path}/values/k`)).bytes).toString()).toBe("v");
  });

  const headers = { "content-type": "multipart/form-data; boundary=x" };
  const value = 'content-disposition: form-data; name="value"\r\n\r\nv';
  test.each([
    ["no value", { body: form({ metadata: "{}" }) }],
    ["metadata that is no JSON", { body: form({ value: "v", metadata: "{" }) }],
    ["no boundary", { body: "v", headers: { "content-type": "multipart/form-data" } }],
    ["a boundary that never comes", { body: "v", headers }],
    ["a part without an end", { body: `--x\r\n${value}`, headers }],
    ["a part without headers", { body: "--x\r\nv\r\n--x--\r\n", headers }],
    ["a part without headers before one with them", { body: `--x\r\nv\r\n--x\r\n${value}\r\n--x--\r\n`, headers }],
    ["a part without a name", { body: "--x\r\ncontent-disposition: form-data\r\n\r\nv\r\n--x--\r\n", headers }],
  ])("is refused with %s", async (_, options) => {
    const { call, path } = await emulateNamespace();
    expect(errorOf(await call("PUT", `${path}/values/k`, options))).toEqual({ status: 400, code: 10001 });
  });

  test("reads a body that other clients frame differently", async () => {
    const { call, path } = await emulateNamespace();
    const quoted = { "content-type": 'Multipart/Form-Data; charset=utf-8; Boundary="x"' };
    const body = `preamble\r\n--x\r\n${value.replace("name", "filename=name; name")}\r\n--x--\r\nepilogue`;
    expect((await call("PUT", `${path}/values/k`, { body, headers: quoted })).status).toBe(200);
    expect(Buffer.from((await call("GET", `${path}/values/k`)).bytes).toString()).toBe("v");
  });
});
