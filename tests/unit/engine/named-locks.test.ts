import { describe, expect, it } from "vitest";

import { AppError } from "../../../src/core/app-error.ts";
import { lockedByNamed, whileLocked } from "../../../src/engine/named-locks.ts";

/** As Pulumi writes it: pkg/backend/diy/lock.go. */
const REFUSAL = [
  "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.",
  "  s3://state/.pulumi/locks/organization/shop/pr-42/5e1d.json: created by ci@runner-7 (pid 311) at 2026-12-01T11:58:03Z",
].join("\n");

/** A call that is refused so many times, on a clock that only pauses move. */
function locked(times: number) {
  let [now, calls] = [0, 0];
  const told: AppError[] = [];
  const call = () => {
    calls += 1;
    return calls <= times ? Promise.reject(lockedByNamed([REFUSAL])) : Promise.resolve(calls);
  };
  const sleep = (milliseconds: number) => {
    now += milliseconds;
    return Promise.resolve();
  };
  const patience = { limitMs: 60_000, everyMs: 5000, sleep, now: () => now, onWait: (one: AppError) => told.push(one) };
  return { call, patience, told };
}

describe("a stack that only Pulumi's own lock holds", () => {
  it("is refused with who holds it, as far as the lock tells", () => {
    const { code, details, retryable } = lockedByNamed([REFUSAL, REFUSAL]);
    expect({ code, retryable }).toEqual({ code: "STACK_LOCKED", retryable: true });
    expect(details).toEqual(["process 311 of ci@runner-7, since 2026-12-01T11:58:03Z"]);
  });

  it("is waited for, which is said once", async () => {
    const { call, patience, told } = locked(3);
    expect(await whileLocked(call, patience)).toBe(4);
    expect(told).toHaveLength(1);
  });

  it("is refused when the time is up, the run is interrupted, or nobody waits", async () => {
    const { call, patience } = locked(99);
    await expect(whileLocked(call, patience)).rejects.toMatchObject({ code: "STACK_LOCKED" });
    expect(patience.now()).toBe(60_000);
    const interrupted = { ...patience, limitMs: 1e9, sleep: () => Promise.reject(new Error("interrupted")) };
    await expect(whileLocked(call, interrupted)).rejects.toMatchObject({ code: "STACK_LOCKED" });
    await expect(whileLocked(call, undefined)).rejects.toMatchObject({ code: "STACK_LOCKED" });
  });

  it("is not waited for where the engine failed otherwise", async () => {
    const failure = new AppError("ENGINE_FAILED", { problem: "no", fix: "none" });
    const { patience, told } = locked(0);
    await expect(whileLocked(() => Promise.reject(failure), patience)).rejects.toBe(failure);
    expect(told).toEqual([]);
  });
});
