import { describe, expect, it } from "vitest";

import { AppError } from "../../../../src/core/app-error.ts";
import { settled } from "../../local-cloud/render/test-emulator.ts";
import { emulateRender, type EmulatedRender } from "./emulated-render.ts";

async function failureOf(run: Promise<unknown>): Promise<AppError> {
  try {
    await run;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

const posts = ({ emulator }: EmulatedRender) =>
  emulator.requestLog.entries.filter(({ method }) => method === "POST").map(({ path }) => path);

const progress = ({ events }: EmulatedRender, step: string) =>
  events.flatMap((event) => (event.type === "step-progress" && event.step === step ? [event.note] : []));

describe("deployStale", () => {
  it("deploys what never was, with the last build only, and says so for each service", async () => {
    const bed = emulateRender();
    const report = await bed.run();
    expect(report).toMatchObject({
      deployed: [
        { id: "srv-1", name: "api", triggered: true },
        { id: "srv-2", name: "jobs", triggered: true },
      ],
      current: [],
      suspended: [],
    });
    const bodies = bed.emulator.requestLog.entries.flatMap(({ method, request }) =>
      method === "POST" ? [request] : [],
    );
    expect(bodies).toEqual([{ deployMode: "deploy_only" }, { deployMode: "deploy_only" }]);
    expect(progress(bed, "Deploy api")).toEqual([expect.stringMatching(/^live \(dep-/)]);
    expect((await bed.judged()).map(({ state }) => state)).toEqual(["current", "current"]);
  });

  it("leaves alone what is live already, so that it can be run again", async () => {
    const bed = emulateRender();
    await bed.run();
    bed.emulator.requestLog.drain();
    expect(await bed.run()).toEqual({ deployed: [], current: ["api", "jobs"], suspended: [] });
    expect(posts(bed)).toEqual([]);
    expect(bed.events.filter(({ type }) => type === "step-started")).toHaveLength(1);
  });

  it("starts all services before it waits for any", async () => {
    const bed = emulateRender();
    bed.launcher.holds = true;
    bed.onPause(() => {
      expect(bed.launcher.launches).toHaveLength(2);
      for (const launch of bed.launcher.launches) launch.succeed();
    });
    expect((await bed.run()).deployed).toHaveLength(2);
    expect(bed.pauses).toEqual([3_000, 3_000]);
  });

  it("waits a little longer each time, up to fifteen seconds", async () => {
    const bed = emulateRender();
    bed.launcher.holds = true;
    bed.onPause((pause) => {
      if (pause === 12) bed.launcher.at(0).succeed();
    });
    await bed.run({ services: (await bed.judged()).slice(0, 1) });
    const rounded = bed.pauses.map((ms) => Math.round(ms / 100) / 10);
    expect(rounded).toEqual([3, 3.6, 4.3, 5.2, 6.2, 7.5, 9, 10.7, 12.9, 15, 15, 15]);
  });

  it("reads no more often than Render admits, however many services there are", async () => {
    const bed = emulateRender();
    const [service] = await bed.judged();
    if (service === undefined) throw new Error("no service");
    bed.launcher.holds = true;
    bed.onPause(() => {
      bed.launcher.at(0).succeed();
    });
    const gone = Array.from({ length: 49 }, (_, index) => ({ ...service, id: `srv-gone-${String(index)}` }));
    await failureOf(bed.run({ services: [service, ...gone] }));
    expect(bed.pauses).toEqual([10_000]);
  });

  it("finds a deploy that Render has not named in its answer", async () => {
    const bed = emulateRender({ deploy: { answer: 202 } });
    expect((await bed.run()).deployed.map(({ deployId }) => deployId)).toEqual([
      expect.stringMatching(/^dep-/),
      expect.stringMatching(/^dep-/),
    ]);
  });

  it("keeps waiting while its deploy is queued behind an older one, which does not count", async () => {
    const bed = emulateRender();
    bed.launcher.holds = true;
    await bed.render.deploy("srv-1");
    await settled();
    const [older] = await bed.render.deploys("srv-1");
    bed.onPause((pause) => {
      if (pause === 1) bed.launcher.at(0).succeed();
      if (pause === 3) bed.launcher.at(1).succeed();
    });
    bed.clock.advance(1_000);
    const changedAt = bed.clock.now();
    bed.clock.advance(1_000);
    const services = (await bed.judged(changedAt)).slice(0, 1);
    expect(services.map(({ state }) => state)).toEqual(["stale"]);
    const { deployed } = await bed.run({ services });
    expect(deployed[0]?.deployId).not.toBe(older?.id);
    expect(progress(bed, "Deploy api").map((note) => note.split(" ")[0])).toEqual([
      "queued",
      "update_in_progress",
      "live",
    ]);
  });

  it("takes a newer deploy in the place of its own, which Render canceled for it", async () => {
    const bed = emulateRender({ deploy: { overlap: "override" } });
    bed.launcher.holds = true;
    bed.onPause(async (pause) => {
      if (pause === 1) await bed.render.deploy("srv-1");
      await settled();
      if (pause === 2) bed.launcher.at(1).succeed();
    });
    const { deployed } = await bed.run({ services: (await bed.judged()).slice(0, 1) });
    const [newest, first] = await bed.render.deploys("srv-1");
    expect({ newest: newest?.status, first: first?.status }).toEqual({ newest: "live", first: "canceled" });
    expect(deployed[0]?.deployId).toBe(newest?.id);
  });

  it("waits for a deploy with these variables that is under way, and starts no second one", async () => {
    const bed = emulateRender();
    bed.launcher.holds = true;
    await bed.render.deploy("srv-1");
    await settled();
    bed.onPause(() => {
      bed.launcher.at(0).succeed();
    });
    const services = (await bed.judged()).slice(0, 1);
    expect(services.map(({ state }) => state)).toEqual(["deploying"]);
    expect((await bed.run({ services })).deployed).toMatchObject([{ name: "api", triggered: false }]);
    expect(posts(bed)).toHaveLength(1);
  });

  it("starts no second deploy where only the answer to the first was lost", async () => {
    const bed = emulateRender();
    bed.emulator.faults.add({ method: "POST", path: "/v1/services/srv-1/deploys", fault: { kind: "lose-answer" } });
    expect((await bed.run()).deployed).toHaveLength(2);
    expect(await bed.render.deploys("srv-1")).toHaveLength(1);
  });

  it("goes on waiting while Render does not answer", async () => {
    const bed = emulateRender();
    bed.launcher.holds = true;
    bed.onPause((pause) => {
      // The client itself asks four times.
      const down = { method: "GET", path: /srv-1\/deploys/, times: 4, fault: { kind: "drop" } } as const;
      if (pause === 1) bed.emulator.faults.add(down);
      if (pause === 2) bed.launcher.at(0).succeed();
    });
    const { deployed } = await bed.run({ services: (await bed.judged()).slice(0, 1) });
    expect(deployed).toHaveLength(1);
    expect(progress(bed, "Deploy api")).toContain("Render does not answer");
  });

  it("names the service that failed and what to do, after the others have ended", async () => {
    const bed = emulateRender();
    bed.launcher.holds = true;
    bed.onPause((pause) => {
      if (pause === 1) bed.launcher.at(0).fail();
      if (pause === 4) bed.launcher.at(1).succeed();
    });
    const error = await failureOf(bed.run());
    expect({ code: error.code, exit: error.exitCode }).toEqual({ code: "DEPLOY_FAILED", exit: 5 });
    expect(error.details).toEqual([
      expect.stringMatching(/^api \(srv-1\): The deploy dep-\w+ ended as update_failed\. Read its log/),
    ]);
    expect(error.data).toMatchObject({ deployed: [{ name: "jobs" }] });
  });

  it("deploys a service again whose last deploy with these variables failed", async () => {
    const bed = emulateRender();
    bed.launcher.holds = true;
    bed.onPause(() => {
      for (const launch of bed.launcher.launches) launch.fail();
    });
    await failureOf(bed.run());
    bed.launcher.holds = false;
    bed.clock.advance(1_000);
    expect((await bed.judged()).map(({ state }) => state)).toEqual(["failed", "failed"]);
    expect((await bed.run()).deployed).toHaveLength(2);
  });

  it("says that a deploy was canceled where nothing newer is under way", async () => {
    const bed = emulateRender();
    bed.launcher.holds = true;
    bed.onPause(async () => {
      const [deploy] = await bed.render.deploys("srv-1");
      await bed.call("POST", `/services/srv-1/deploys/${deploy?.id ?? ""}/cancel`);
    });
    const error = await failureOf(bed.run({ services: (await bed.judged()).slice(0, 1) }));
    expect(error.details[0]).toContain("ended as canceled. Somebody or Render canceled it");
  });

  it("goes on with the others where Render refuses one", async () => {
    const bed = emulateRender();
    const fault = { kind: "answer", status: 409, body: { message: "cannot deploy" } } as const;
    bed.emulator.faults.add({ method: "POST", path: "/v1/services/srv-1/deploys", fault });
    const error = await failureOf(bed.run());
    expect(error.details).toEqual([expect.stringContaining("cannot deploy")]);
    expect((await bed.judged()).map(({ state }) => state)).toEqual(["never deployed", "current"]);
  });

  it("gives up when the time is up, and says what Render shows", async () => {
    const bed = emulateRender();
    bed.launcher.holds = true;
    const pace = { firstMs: 60_000, factor: 1, longestMs: 60_000, limitMs: 180_000 };
    const error = await failureOf(bed.run({ services: (await bed.judged()).slice(0, 1), pace }));
    expect(bed.pauses).toHaveLength(3);
    expect(error.details[0]).toMatch(/No deploy is live after 3 minutes: update_in_progress \(dep-\w+\)\./);
  });

  it("leaves suspended services out and names them", async () => {
    const bed = emulateRender();
    const [api, jobs] = await bed.judged();
    if (api === undefined || jobs === undefined) throw new Error("no services");
    const report = await bed.run({ services: [{ ...api, state: "suspended" }, jobs] });
    expect(report).toMatchObject({ suspended: ["api"], deployed: [{ name: "jobs" }] });
    expect(bed.events[0]).toEqual({ type: "warning", text: expect.stringContaining("api is suspended") });
    expect(await bed.render.deploys("srv-1")).toEqual([]);
  });

  it("fails for a service that the workspace does not have, after it has deployed the others", async () => {
    const bed = emulateRender();
    const [api, jobs] = await bed.judged();
    if (api === undefined || jobs === undefined) throw new Error("no services");
    const error = await failureOf(bed.run({ services: [{ ...api, state: "missing", name: undefined }, jobs] }));
    expect(error.details).toEqual([expect.stringContaining("srv-1: the workspace has no such service")]);
    expect(error.data).toMatchObject({ deployed: [{ name: "jobs" }] });
  });

  it("ends with an interrupt, and waits for the same deploys when it is run again", async () => {
    const bed = emulateRender();
    bed.launcher.holds = true;
    bed.onPause(() => {
      bed.interrupt.abort();
    });
    expect((await failureOf(bed.run())).code).toBe("CLOSED_BY_SIGNAL");
    expect((await runInNextProcess(bed)).deployed.map(({ triggered }) => triggered)).toEqual([false, false]);
  });
});

/** The same vendor, and nobody has interrupted this run. */
async function runInNextProcess(bed: EmulatedRender) {
  bed.onPause(() => {
    for (const launch of bed.launcher.launches) launch.succeed();
  });
  return bed.run({ signal: new AbortController().signal });
}
