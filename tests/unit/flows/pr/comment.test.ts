import { describe, expect, it } from "vitest";

import { commentOf, MARKER } from "../../../../src/flows/pr/comment.ts";

describe("commentOf", () => {
  it("begins with the marker and says state, service, commit, changes and expiry", () => {
    const text = commentOf({
      stack: "pr-42",
      state: "ready",
      sha: "1f0c2a9",
      expires: "2026-12-08T09:30:00.000Z",
      services: [{ name: "shop PR #42", url: "https://shop-pr-42.onrender.com", commit: "1f0c2a9b" }],
      changes: "9 created",
    });
    expect(text.startsWith(`${MARKER}\n### Preview pr-42: ready`)).toBe(true);
    for (const part of [
      "https://shop-pr-42.onrender.com, at commit 1f0c2a9b",
      "1f0c2a9",
      "9 created",
      "2026-12-08 09:30 UTC",
    ])
      expect(text).toContain(part);
  });

  it("lets no text from elsewhere end its cell, mention people or become a link or HTML", () => {
    const name = "a|b\n# c <img src=x> @everyone [x](https://evil.example) `d`";
    const text = commentOf({ stack: "pr-1", state: "ready", services: [{ name, url: undefined }] });
    const row = text.split("\n").find((line) => line.startsWith("| Service"));
    expect(row).toBe("| Service | a\\|b # c &lt;img src=x> @\u200Beveryone \\[x\\](https://evil.example) \\`d\\` |");
  });

  it("lets no backslash take away the one that keeps a cell together", () => {
    const text = commentOf({ stack: "pr-1", state: "ready", services: [{ name: "a\\|b ~c~", url: undefined }] });
    expect(text).toContain(String.raw`| Service | a\\\|b \~c\~ |`);
  });

  it("stays under the size that GitHub takes", () => {
    const details = Array.from({ length: 3000 }, (_, index) => `${String(index)} ${"x".repeat(100)}`);
    const text = commentOf({ stack: "pr-1", state: "failed", failure: { code: "X", problem: "y", details } });
    expect(text.length).toBeLessThan(65_536);
  });
});
