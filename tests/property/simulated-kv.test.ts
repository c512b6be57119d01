import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { campaign } from "../support/campaign.ts";
import { DEFAULT_CACHE_TTL, KEYS, LOCATIONS, readStep, record, run } from "../unit/local-cloud/kv/recorded-run.ts";
import { simulate } from "../unit/local-cloud/kv/simulated-network.ts";

const MAX_LIST_LAG_MS = 60_000;

describe("the simulated KV, over any interleaving of calls at several locations", () => {
  test("reads nothing that was not written to the key, or that ended", async () => {
    await fc.assert(
      fc.asyncProperty(run, async (taken) => {
        const { observations } = await record(taken);
        for (const observation of observations) {
          const isExplained = observation.candidates.length > 0;
          expect({ observation, isExplained }).toEqual({ observation, isExplained: true });
        }
      }),
      { numRuns: campaign(300) },
    );
  });

  test("accepts a write where none was accepted for its key within a second, and only there", async () => {
    await fc.assert(
      fc.asyncProperty(run, async (taken) => {
        const { outcomes } = await record(taken);
        for (const { taken, outcome, expected } of outcomes) {
          expect({ taken, outcome }).toEqual({ taken, outcome: expected });
        }
      }),
      { numRuns: campaign(300) },
    );
  });

  test("reads at the location of a write that write or a newer one", async () => {
    await fc.assert(
      fc.asyncProperty(run, async (taken) => {
        const { observations } = await record(taken);
        for (const observation of observations) {
          const newestSeen = observation.candidates.at(-1) ?? Number.NaN;
          expect({ observation, isOld: newestSeen < observation.newestOwn }).toEqual({ observation, isOld: false });
        }
      }),
      { numRuns: campaign(300) },
    );
  });

  test("is stale for less than the cacheTtl of the read and the propagation, and is stale", async () => {
    let staleReads = 0;
    await fc.assert(
      fc.asyncProperty(run, async (taken) => {
        const { observations } = await record(taken);
        for (const observation of observations) {
          const boundMs = observation.cacheTtl * 1000 + taken.propagation.maxMs;
          expect({ observation, isWithin: observation.stalenessMs < boundMs }).toEqual({ observation, isWithin: true });
          if (observation.stalenessMs > 0) staleReads += 1;
        }
      }),
      { numRuns: campaign(300) },
    );
    expect(staleReads).toBeGreaterThan(0);
  });

  test("reaches that bound to two milliseconds, whatever the delay and the cacheTtl", async () => {
    const delayMs = fc.integer({ min: 1, max: 200_000 });
    const anyCacheTtl = fc.integer({ min: 30, max: 86_400 });
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 8 }), delayMs, anyCacheTtl, async (seed, propagationMs, cacheTtl) => {
        const propagation = { minMs: propagationMs, maxMs: propagationMs };
        const { clock, read, write } = simulate({ seed, propagation });
        await write("ams", "k", "old");
        clock.advance(propagationMs + 1000);
        await write("ams", "k", "new");
        clock.advance(propagationMs - 1);
        expect(await read("sin", "k", cacheTtl)).toBe("old");
        clock.advance(cacheTtl * 1000 - 1);
        expect(await read("sin", "k", cacheTtl)).toBe("old");
        clock.advance(1);
        expect(await read("sin", "k", cacheTtl)).toBe("new");
      }),
      { numRuns: campaign(300) },
    );
  });

  test("reads and lists the same everywhere once nothing was written for as long as caches and delays last", async () => {
    const quietReads = fc.array(fc.tuple(fc.nat({ max: 20_000 }), readStep), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(run, quietReads, async (taken, reads) => {
        const recorded = await record(taken);
        const { clock, names, read } = recorded.network;
        const longestMs = Math.max(DEFAULT_CACHE_TTL * 1000 + taken.propagation.maxMs, MAX_LIST_LAG_MS);
        const endsAt = clock.now() + longestMs;
        // Reads in between may take copies that are stale already: they are no reason to be late.
        for (const [pauseMs, one] of reads) {
          clock.advance(Math.min(pauseMs, endsAt - clock.now()));
          await recorded.take(one);
        }
        clock.advance(endsAt - clock.now());
        const expected = Object.fromEntries(KEYS.map((key) => [key, recorded.lastValueOf(key)]));
        const listed = KEYS.filter((key) => expected[key] !== null);
        for (const location of LOCATIONS) {
          const found = Object.fromEntries(
            await Promise.all(KEYS.map(async (key) => [key, await read(location, key)] as const)),
          );
          expect({ location, found, listed: await names(location) }).toEqual({ location, found: expected, listed });
        }
      }),
      { numRuns: campaign(300) },
    );
  });
});
