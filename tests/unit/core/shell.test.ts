import { spawnSync } from "node:child_process";

import { describe, expect, it } from "vitest";

import { shellWord } from "../../../src/core/shell.ts";

describe("shellWord", () => {
  it("leaves a plain word plain", () => {
    expect(shellWord("/home/ada/state/dev.json.bak")).toBe("/home/ada/state/dev.json.bak");
  });

  it.each(["", "two words", "it's", "$HOME", "a;b", "`id`", "\\", '"', "line\nline", "~", "*"])(
    "makes a shell read %j as it is",
    (text) => {
      const { stdout } = spawnSync("/bin/sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" });
      expect(stdout).toBe(text);
    },
  );
});
