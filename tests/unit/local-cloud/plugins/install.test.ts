import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { installPlugins } from "../../../../local-cloud/plugins/install.ts";

interface Written {
  readonly content: string;
  readonly mode: number;
}

async function install(node: string): Promise<ReadonlyMap<string, Written>> {
  const files = new Map<string, Written>();
  await installPlugins("/home", {
    node,
    files: {
      mkdir: () => Promise.resolve(),
      writeFile: async (path, content, { mode }) => {
        files.set(path, { content, mode });
      },
      rename: async (from, to) => {
        const written = files.get(from);
        if (!written) throw new Error(`${from} was not written`);
        files.delete(from);
        files.set(to, written);
      },
    },
  });
  return files;
}

describe("installPlugins", () => {
  it("puts an executable of each plugin where the engine looks for exactly this version", async () => {
    const files = await install("/opt/node");
    expect([...files].map(([path, { mode }]) => [path, mode])).toEqual([
      ["/home/plugins/resource-cloudflare-v6.22.1/pulumi-resource-cloudflare", 0o755],
      ["/home/plugins/resource-terraform-provider-v1.1.3/pulumi-resource-terraform-provider", 0o755],
      ["/home/plugins/resource-random-v4.21.2/pulumi-resource-random", 0o755],
    ]);
  });

  it("starts Node.js with the module that ends it with its parent, and without the variables that could divert it", async () => {
    const [first] = (await install("/opt/node's/bin/node")).values();
    const lines = first?.content.split("\n") ?? [];
    expect(lines.slice(0, 2)).toEqual(["#!/bin/sh", "unset NODE_OPTIONS NODE_USE_ENV_PROXY"]);
    const [, guard = "", entry = ""] = /^exec '.*' '--import' '(.*)' '(.*)' "\$@"$/.exec(lines[2] ?? "") ?? [];
    expect(lines[2]).toContain(`'/opt/node'\\''s/bin/node'`);
    expect([existsSync(fileURLToPath(guard)), existsSync(entry)]).toEqual([true, true]);
    expect([guard.endsWith("/processes/watch-parent.ts"), entry.endsWith("/plugins/cloudflare.ts")]).toEqual([
      true,
      true,
    ]);
  });
});
