import { describe, expect, it } from "vitest";

import { type HealthCheckOptions, untilHealthy } from "../../../../local-cloud/render/health-check.ts";

type Check = () => Response | Promise<Response>;

/** A virtual world: sleeping moves the clock, and the checks answer in order, the last one from then on. */
function world(checks: readonly Check[], change: Partial<HealthCheckOptions> = {}) {
  let now = 0;
  let asked = 0;
  const options: HealthCheckOptions = {
    url: "http://127.0.0.1:1/health",
    exited: new Promise(() => undefined),
    signal: new AbortController().signal,
    timeoutMs: 1000,
    clock: { now: () => now },
    sleep: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
    fetch: () => {
      const check = checks[Math.min(asked, checks.length - 1)];
      asked += 1;
      if (check === undefined) throw new Error("The world has no check.");
      return Promise.resolve().then(check);
    },
    ...change,
  };
  return { options, asked: () => asked, now: () => now };
}

const refused: Check = () => Promise.reject(new TypeError("fetch failed"));
const status =
  (code: number): Check =>
  () =>
    new Response(null, { status: code });

describe("untilHealthy", () => {
  it.each([200, 204, 301])("takes %i as healthy after refusals and errors", async (code) => {
    const { options, asked } = world([refused, status(500), status(404), status(code)]);
    await untilHealthy(options);
    expect(asked()).toBe(4);
  });

  it("gives up when the time is over", async () => {
    const { options, now } = world([status(500)]);
    await expect(untilHealthy(options)).rejects.toThrow("The instance was not healthy within 1000 ms.");
    expect(now()).toBe(1000);
  });

  it("gives up when the instance has ended, whoever answers on its port", async () => {
    const { options } = world([status(200)], { exited: Promise.resolve(3) });
    await expect(untilHealthy(options)).rejects.toThrow("The instance ended before it was healthy.");
  });

  it("gives up when the deploy is given up, even if the instance is healthy", async () => {
    const { options, asked } = world([status(200)], { signal: AbortSignal.abort() });
    await expect(untilHealthy(options)).rejects.toThrow("The deploy was given up.");
    expect(asked()).toBe(1);
  });
});
