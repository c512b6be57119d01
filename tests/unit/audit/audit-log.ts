import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Head, type Sign } from "../../../src/audit/record.ts";
import { AuditTrail, type TrailOptions } from "../../../src/audit/trail.ts";

/** A log in a folder of its own, with the head that a stack would remember. */
export async function createAuditLog(sign?: Sign) {
  const folder = await mkdtemp(join(tmpdir(), "kvshift-audit-"));
  const path = join(folder, "audit", "prod.ndjson");
  const memory: { head: Head | undefined; fails: boolean } = { head: undefined, fails: false };
  let now = Date.parse("2026-12-01T09:00:00Z");
  const options: TrailOptions = {
    path,
    environment: "prod",
    head: {
      read: () => Promise.resolve(memory.head),
      write: (head) => {
        if (memory.fails) return Promise.reject(new Error("killed here"));
        memory.head = head;
        return Promise.resolve();
      },
    },
    clock: { now: () => (now += 1000) },
    run: "0123abcd",
    by: { kind: "operator", name: "ada", machine: "laptop" },
    commit: "c0ffee",
    versions: { kvshift: "0.1.0" },
    sign,
  };
  return {
    folder,
    path,
    memory,
    options,
    open: () => AuditTrail.open(options),
    text: () => readFile(path, "utf8"),
  };
}
