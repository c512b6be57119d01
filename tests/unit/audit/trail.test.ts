import { appendFile, mkdir, rm, truncate, writeFile } from "node:fs/promises";

import { afterEach, describe, expect, it } from "vitest";

import { readLine } from "../../../src/audit/record.ts";
import { verifyLog } from "../../../src/audit/verify.ts";
import { AppError } from "../../../src/core/app-error.ts";
import { createAuditLog } from "./audit-log.ts";

const folders: string[] = [];

async function createLog() {
  const log = await createAuditLog();
  folders.push(log.folder);
  const records = async () => (await log.text()).split("\n").flatMap((line) => readLine(line)?.record ?? []);
  return { ...log, records };
}

describe("the audit trail", () => {
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  it("has an intent on the disk before the effect, and its outcome with the duration after it", async () => {
    const { open, records, memory } = await createLog();
    const trail = await open();
    let before: unknown;
    const result = await trail.around(
      { flow: "rotate", step: "mint", roles: ["operator"], details: { id: "prod-operator-b2" } },
      async () => {
        before = await records();
        return 7;
      },
      (seen) => ({ seen }),
    );
    expect(result).toBe(7);
    expect(before).toMatchObject([{ kind: "intent", step: "mint", roles: ["operator"] }]);
    const [, outcome] = await records();
    expect(outcome).toMatchObject({ kind: "outcome", outcome: "done", details: { id: "prod-operator-b2", seen: 7 } });
    expect(outcome?.durationMs).toBeGreaterThan(0);
    expect(memory.head?.sequence).toBe(2);
  });

  it("says of an effect that failed which error it was, by its code, and lets the error through", async () => {
    const { open, records, text } = await createLog();
    const trail = await open();
    const error = new AppError("VENDOR_FAILED", { problem: "said kvs_secret", fix: "-" });
    await expect(
      trail.around(
        { flow: "up" },
        () => Promise.reject(error),
        () => ({}),
      ),
    ).rejects.toBe(error);
    expect((await records())[1]).toMatchObject({
      outcome: "failed",
      details: { failure: "VENDOR_FAILED: A vendor refused or failed." },
    });
    expect(await text()).not.toContain("kvs_secret");
  });

  it("goes on where the run before it ended", async () => {
    const { open, text, memory } = await createLog();
    await (await open()).done({ flow: "up" });
    await (await open()).done({ flow: "up" });
    expect(verifyLog(await text(), { head: memory.head })).toMatchObject({ newerThanStack: 0 });
    expect(verifyLog(await text(), { head: memory.head }).records.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it.each([1, 60, -2])("mends a last line that a crash tore at byte %j, with a record that says so", async (bytes) => {
    const { open, text, path, memory } = await createLog();
    const trail = await open();
    await trail.done({ flow: "up" });
    const whole = (await text()).length;
    await trail.done({ flow: "up" }).catch(() => undefined);
    memory.head = { ...trail.head, sequence: 1, hash: memory.head?.hash ?? "" };
    // As a crash leaves it: a part of the second line, and the head of the first one.
    const first = (await text()).slice(0, whole);
    const cut = bytes > 0 ? whole + bytes : (await text()).length + bytes;
    await truncate(path, cut);
    const { head } = verifyLog(first);
    memory.head = head;
    await open();
    const { finding, records, repaired } = verifyLog(await text(), { head: memory.head });
    expect({ finding, repaired }).toEqual({ finding: undefined, repaired: 1 });
    expect(records.map(({ kind }) => kind)).toEqual(["outcome", "repair"]);
  });

  it("takes up a last line of which a crash kept no more than its end from the disk", async () => {
    const { open, text, path, memory } = await createLog();
    await (await open()).done({ flow: "up" });
    await truncate(path, (await text()).length - 1);
    await (await open()).done({ flow: "up" });
    const { finding, records, repaired } = verifyLog(await text(), { head: memory.head });
    expect([finding, records.length, repaired]).toEqual([undefined, 2, 0]);
  });

  it("remembers a head that a run wrote and could not remember", async () => {
    const { open, memory, text } = await createLog();
    await (await open()).done({ flow: "up" });
    const trail = await open();
    memory.fails = true;
    await expect(trail.done({ flow: "up" })).rejects.toThrow("killed here");
    memory.fails = false;
    expect(verifyLog(await text(), { head: memory.head })).toMatchObject({ newerThanStack: 1 });
    await open();
    expect(memory.head?.sequence).toBe(2);
  });

  it.each([
    ["was cut", (text: string) => text.slice(0, text.indexOf("\n") + 1), /tail was cut off/],
    ["is gone", () => "", /tail was cut off/],
    ["was changed", (text: string) => text.replace("ada", "eve"), /Record 1 is not what was written/],
    ["is of another environment", () => undefined, /records of prod/],
  ])("writes nothing to a log that %s", async (_, edit, problem) => {
    const { open, text, path, options, memory } = await createLog();
    const trail = await open();
    await trail.done({ flow: "up" });
    await trail.done({ flow: "up" });
    const edited = edit(await text());
    if (edited === undefined) Object.assign(options, { environment: "dev" });
    else await writeFile(path, edited);
    const before = { head: memory.head, text: await text() };
    await expect(open()).rejects.toMatchObject({ code: "AUDIT_BROKEN", problem: expect.stringMatching(problem) });
    expect({ head: memory.head, text: await text() }).toEqual(before);
  });

  it("says which file cannot be written, before anything is done", async () => {
    const { open, path } = await createLog();
    await mkdir(path, { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: "AUDIT_BROKEN", details: [path] });
  });

  it("never rewrites: what was there is the beginning of what is there", async () => {
    const { open, text, path } = await createLog();
    await (await open()).done({ flow: "up" });
    await appendFile(path, '{"torn');
    const before = await text();
    await open();
    expect((await text()).startsWith(before)).toBe(true);
  });
});
