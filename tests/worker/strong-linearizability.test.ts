import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { GATEWAY_CONFIG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { campaign } from "../support/campaign.ts";
import { recordHistories } from "../support/key-histories.ts";
import { KEY_MODEL } from "../support/key-model.ts";
import { isLinearizable } from "../support/linearizability.ts";
import { tempDirInMemory } from "../support/temp-dir.ts";

const ENTRY = fileURLToPath(new URL("../support/worker-entries/restarting-gateway.ts", import.meta.url));
const KEYS_AT_ONCE = 8;
const CLIENTS = 4;
const CALLS_PER_CLIENT = 3;

interface Restarts {
  readonly rest: number;
  readonly perMille: number;
}

/** Histories of so many keys; those that cannot be explained, and how many calls got no answer. */
async function judge(histories: number, { rest, perMille }: Restarts) {
  const seed = randomInt(2 ** 32 - 1);
  const random = xorshift32(seed);
  const extraBindings = {
    RESTART_REST: String(rest),
    RESTART_PER_MILLE: String(perMille),
    RESTART_SEED: String(seed),
  };
  const folder = await tempDirInMemory();
  await using gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG, entry: ENTRY, extraBindings, folder });
  const wrong: unknown[] = [];
  let [lost, calls] = [0, 0];
  for (let first = 0; first < histories; first += KEYS_AT_ONCE) {
    const keys = Array.from(
      { length: Math.min(KEYS_AT_ONCE, histories - first) },
      (_, index) => `key-${String(first + index)}`,
    );
    const recorded = await recordHistories({
      url: gateway.url,
      random,
      keys,
      clients: CLIENTS,
      callsPerClient: CALLS_PER_CLIENT,
    });
    lost += recorded.lost;
    for (const [key, history] of recorded.byKey) {
      calls += history.length;
      if (!isLinearizable(history, KEY_MODEL)) wrong.push({ key, seed, history });
    }
  }
  const restarts = gateway.log.filter((line) => line.includes("restarted by the test")).length;
  return { wrong, lost, calls, restarts };
}

describe("calls on one key of a strong namespace", () => {
  test("have an order that explains every answer", async () => {
    const { wrong, lost, calls } = await judge(campaign(1000), { rest: 0, perMille: 0 });
    expect(wrong).toEqual([]);
    expect(lost).toBe(0);
    expect(calls).toBe(campaign(1000) * CLIENTS * CALLS_PER_CLIENT);
  });

  test("have one, and all an answer, while objects restart under them", async () => {
    // Each call meets one restart at most: more calls than there are at once pass before the next.
    const { wrong, lost, restarts } = await judge(campaign(1000), { rest: 2 * KEYS_AT_ONCE * CLIENTS, perMille: 50 });
    expect(wrong).toEqual([]);
    expect(lost).toBe(0);
    expect(restarts).toBeGreaterThan(20);
  });

  test("have one where restarts come so fast that calls are lost", async () => {
    const { wrong, lost } = await judge(campaign(500), { rest: 0, perMille: 150 });
    expect(wrong).toEqual([]);
    expect(lost).toBeGreaterThan(0);
  });
});

function xorshift32(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
