import { access, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, describe, expect, it, vi } from "vitest";

import { createScratch } from "../../../local-cloud/scratch.ts";
import { identityOf, thisMachine } from "../../../src/processes/machine.ts";
import { deadPid, idleProcess } from "../../support/processes.ts";
import { tempDir } from "../../support/temp-dir.ts";

vi.mock("node:fs/promises", { spy: true });

afterEach(() => {
  vi.mocked(rm).mockClear();
});

async function parentWith(...names: string[]): Promise<string> {
  const parent = await tempDir();
  for (const name of names) {
    await mkdir(join(parent, name));
    await writeFile(join(parent, name, "state"), "");
    const pid = Number(/-(\d+)-/.exec(name)?.[1] ?? deadPid());
    await writeFile(join(parent, name, "owner.json"), JSON.stringify(identityOf(thisMachine(), pid)));
  }
  return parent;
}

describe("createScratch", () => {
  it("makes a folder of its own for each run, named after the process, and removes it with everything in it", async () => {
    const parent = await parentWith();
    const first = await createScratch(parent);
    await using second = await createScratch(parent);
    expect(first.path).not.toBe(second.path);
    expect(first.path).toContain(`kvshift-local-${String(process.pid)}-`);
    await writeFile(join(first.path, "state"), "");
    await first[Symbol.asyncDispose]();
    expect(await readdir(parent)).toEqual([second.path.slice(parent.length + 1)]);
    await expect(first[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });

  it("removes what killed runs left, and nothing of a live one or of somebody else", async () => {
    const other = await idleProcess();
    const kept = [
      `kvshift-local-${String(other.pid)}-abcdef`,
      `kvshift-other-${String(deadPid())}-abcdef`,
      `my-kvshift-local-${String(deadPid())}-abcdef`,
      "kvshift-local-abcdef",
    ];
    const parent = await parentWith(...kept, `kvshift-local-${String(deadPid())}-abcdef`);
    const scratch = await createScratch(parent);
    await scratch[Symbol.asyncDispose]();
    expect((await readdir(parent)).toSorted()).toEqual(kept.toSorted());
  });

  it("starts although it may not remove what another user's run left", async () => {
    const parent = await parentWith(`kvshift-local-${String(deadPid())}-abcdef`);
    vi.mocked(rm).mockRejectedValueOnce(Object.assign(new Error("EPERM"), { code: "EPERM" }));
    await using scratch = await createScratch(parent);
    await expect(access(scratch.path)).resolves.toBeUndefined();
    expect(rm).toHaveBeenCalledOnce();
  });
});
