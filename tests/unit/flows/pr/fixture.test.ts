import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readFixture } from "../../../../src/flows/pr/fixture.ts";

const CONFIG = {
  namespaces: { cache: { consistency: "eventual", defaultTtlSeconds: 60 } },
} as const;

let folder: string;
const read = async (text: string) => {
  const path = join(folder, "f.ndjson");
  await writeFile(path, text);
  return readFixture(path, { folder, name: "p", backendUrl: undefined }, CONFIG);
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvshift-fixture-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("readFixture", () => {
  it("takes text and base64, metadata and an end, by namespace; empty lines do not count", async () => {
    const { pairs, name } = await read(
      '{"namespace":"cache","key":"a","value":"x","ttl":60}\n\n{"namespace":"cache","key":"b","base64":"AP8=","metadata":{"v":1}}',
    );
    expect(name).toBe("f.ndjson");
    expect([...pairs]).toEqual([
      [
        "cache",
        [
          { key: "a", value: "x", base64: false, expiration_ttl: 60 },
          { key: "b", value: "AP8=", base64: true, metadata: { v: 1 } },
        ],
      ],
    ]);
  });

  it.each([
    ["not JSON", "line 1: it is not JSON"],
    ['{"namespace":"other","key":"a","value":"x"}', "line 1: there is no namespace other; there are cache"],
    ['{"namespace":"cache","key":"a"}', "line 1: it: needs either value or base64"],
    ['{"namespace":"cache","key":"a","value":"x","base64":"AA=="}', "line 1: it: needs either value or base64"],
    [`{"namespace":"cache","key":"${"k".repeat(513)}","value":"x"}`, "line 1: key: is longer than 512 bytes"],
  ])("refuses %s with the line and without the value", async (text, problem) => {
    await expect(read(text)).rejects.toMatchObject({ code: "USAGE", details: [problem] });
  });

  it("tells every line at once, the first twenty by their words", async () => {
    await expect(read("x\n".repeat(30))).rejects.toMatchObject({
      details: expect.arrayContaining(["line 20: it is not JSON", "and 10 more"]),
    });
  });

  it("refuses metadata that KV does not keep, however deep it is", async () => {
    const deep = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;
    for (const metadata of [deep, JSON.stringify("m".repeat(1025))]) {
      await expect(read(`{"namespace":"cache","key":"a","value":"x","metadata":${metadata}}`)).rejects.toMatchObject({
        details: ["line 1: metadata: takes more than 1,024 bytes"],
      });
    }
  });

  it("reads neither a folder nor a pipe, for which it would wait without end", async () => {
    const pipe = join(folder, "pipe");
    spawnSync("mkfifo", [pipe]);
    for (const path of [folder, pipe]) {
      const found = readFixture(path, { folder, name: "p", backendUrl: undefined }, CONFIG);
      await expect(found).rejects.toMatchObject({ code: "USAGE", details: ["it is no file"] });
    }
  });

  it("takes no more than 10,000 lines and 16 MiB", async () => {
    const one = '{"namespace":"cache","key":"a","value":"x"}\n';
    await expect(read(one.repeat(10_001))).rejects.toMatchObject({ code: "USAGE" });
    await expect(read(" ".repeat(16 * 1024 * 1024 + 1))).rejects.toMatchObject({ code: "USAGE" });
  });
});
