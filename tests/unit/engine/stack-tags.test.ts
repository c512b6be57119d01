import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";

import { readTags, writeTag } from "../../../src/engine/stack-tags.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function bed(content?: string) {
  const folder = await tempDir();
  const path = join(folder, ".pulumi", "stacks", "kvshift", "dev.pulumi-tags");
  await mkdir(join(path, ".."), { recursive: true });
  if (content !== undefined) await writeFile(path, content);
  const calls: string[] = [];
  const cli = (args: readonly string[]) => {
    calls.push(args.join(" "));
    return Promise.resolve('{"of":"the CLI"}');
  };
  return { stack: { backendUrl: pathToFileURL(folder).href, project: "kvshift", stack: "dev" }, path, calls, cli };
}

describe("the tags of a stack", () => {
  it("are read and written in the file of a file backend, others left as they are", async () => {
    const { stack, path, calls, cli } = await bed('{"version":1,"tags":{"other":"1"}}');
    await writeTag(stack, "head", "7 abc", cli);
    expect(await readTags(stack, cli)).toEqual({ other: "1", head: "7 abc" });
    expect(await readFile(path, "utf8")).toBe('{"version":1,"tags":{"other":"1","head":"7 abc"}}');
    expect(calls).toEqual([]);
  });

  it("are left to the CLI where it has to make the file, or the file has another form", async () => {
    const absent = await bed();
    expect(await readTags(absent.stack, absent.cli)).toEqual({});
    await writeTag(absent.stack, "head", "1 a", absent.cli);
    expect(absent.calls).toEqual(["stack tag set head 1 a"]);
    for (const content of ['{"version":2,"tags":{}}', "", "[]", '{"version":1,"tags":{"a":1}}']) {
      const other = await bed(content);
      expect(await readTags(other.stack, other.cli)).toEqual({ of: "the CLI" });
      await writeTag(other.stack, "head", "1 a", other.cli);
      expect(other.calls).toEqual(["stack tag ls --json", "stack tag set head 1 a"]);
      expect(await readFile(other.path, "utf8")).toBe(content);
    }
  });

  it("are asked of the CLI at any other backend", async () => {
    const { cli, calls } = await bed();
    const stack = { backendUrl: "s3://bucket", project: "kvshift", stack: "dev" };
    await readTags(stack, cli);
    await writeTag(stack, "head", "1 a", cli);
    expect(calls).toEqual(["stack tag ls --json", "stack tag set head 1 a"]);
  });
});
