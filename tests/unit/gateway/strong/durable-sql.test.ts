import { describe, expect, test } from "vitest";

import { ObjectAlarm } from "../../../../src/gateway/strong/durable-sql.ts";

const HOUR = 3_600_000;

/** The storage of an object with its one alarm. */
function alarmStorage(initial: number | null = null) {
  const set: number[] = [];
  const storage = {
    getAlarm: async () => set.at(-1) ?? initial,
    setAlarm: async (time: number) => void set.push(time),
  };
  return { alarm: new ObjectAlarm(storage), set };
}

describe("the alarm of an object", () => {
  const now = Date.now();

  test("is set once for all that ends after it, and again for what ends before", async () => {
    const { alarm, set } = alarmStorage();
    alarm.wakeAt(now + 2 * HOUR);
    await expect.poll(() => set).toEqual([now + 2 * HOUR]);
    alarm.wakeAt(now + 3 * HOUR);
    expect(set).toEqual([now + 2 * HOUR]);
    alarm.wakeAt(now + HOUR);
    expect(set).toEqual([now + 2 * HOUR, now + HOUR]);
  });

  test("stays the one that was set before the object restarted, where that rings first", async () => {
    const { alarm, set } = alarmStorage(now + HOUR);
    alarm.wakeAt(now + 2 * HOUR);
    await Promise.resolve();
    await Promise.resolve();
    expect(set).toEqual([]);
    alarm.wakeAt(now + 2 * HOUR);
    expect(set).toEqual([]);
  });

  test("is brought forward after a restart, where it would ring too late", async () => {
    const { alarm, set } = alarmStorage(now + 2 * HOUR);
    alarm.wakeAt(now + HOUR);
    await expect.poll(() => set).toEqual([now + HOUR]);
  });
});
