import { Readable } from "node:stream";

import { describe, expect, it } from "vitest";

import { readSecret } from "../../../src/cli/read-secret.ts";

const read = async (...chunks: string[]) => (await readSecret("the token", Readable.from(chunks))).reveal();

describe("readSecret", () => {
  it("is all of standard input, without the line break that a shell adds", async () => {
    expect(await read("to", "ken\n")).toBe("token");
    expect(await read(" to ken \r\n")).toBe(" to ken ");
  });

  it("refuses nothing, and what has no end", async () => {
    await expect(read()).rejects.toMatchObject({ code: "USAGE", problem: "the token is empty." });
    await expect(read("\n")).rejects.toMatchObject({ code: "USAGE" });
    await expect(
      read(
        ..."x"
          .repeat(70)
          .split("")
          .map(() => "x".repeat(1000)),
      ),
    ).rejects.toMatchObject({ code: "USAGE" });
  });
});
