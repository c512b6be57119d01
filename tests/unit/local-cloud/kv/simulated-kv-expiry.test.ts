import { describe, expect, it } from "vitest";

import { START } from "../cloudflare/emulated-cloudflare.ts";
import { PROPAGATION_MS, SEEDS, simulate } from "./simulated-network.ts";

const START_SECONDS = START / 1000;

describe("a pair that ends", () => {
  it("is gone from the first millisecond of the second in which it ends", async () => {
    const { clock, names, read, write } = simulate();
    clock.advance(700);
    await write("ams", "ttl", "v", { expirationTtl: 60 });
    await write("ams", "point", "v", { expiration: START_SECONDS + 60 });
    clock.advance(59_299);
    expect([await read("ams", "ttl"), await read("ams", "point")]).toEqual(["v", "v"]);
    expect(await names("ams")).toEqual(["point", "ttl"]);
    clock.advance(1);
    expect([await read("ams", "ttl"), await read("ams", "point")]).toEqual([null, null]);
    expect(await names("ams")).toEqual([]);
  });

  it.each(SEEDS)("is never served from a copy, however long the copy may live (%s)", async (seed) => {
    const { clock, read, write } = simulate({ seed });
    await write("ams", "k", "v", { expirationTtl: 90 });
    clock.advance(PROPAGATION_MS);
    expect([await read("ams", "k", 86_400), await read("sin", "k", 86_400)]).toEqual(["v", "v"]);
    clock.advance(90_000 - PROPAGATION_MS - 1);
    expect([await read("ams", "k", 86_400), await read("sin", "k", 86_400)]).toEqual(["v", "v"]);
    clock.advance(1);
    expect([await read("ams", "k", 86_400), await read("sin", "k", 86_400)]).toEqual([null, null]);
  });

  it("gives way to a newer write where its copy ends", async () => {
    const { clock, read, write } = simulate();
    await write("ams", "k", "ends", { expirationTtl: 60 });
    clock.advance(PROPAGATION_MS);
    await read("sin", "k", 86_400);
    await write("ams", "k", "stays");
    clock.advance(60_000 - PROPAGATION_MS - 1);
    expect(await read("sin", "k", 86_400)).toBe("ends");
    clock.advance(1);
    expect(await read("sin", "k", 86_400)).toBe("stays");
  });

  it("does not bring back what it replaced", async () => {
    const { clock, read, write } = simulate();
    await write("ams", "k", "stays");
    clock.advance(1000);
    await write("ams", "k", "ends", { expirationTtl: 60 });
    clock.advance(60_000);
    expect([await read("ams", "k"), await read("sin", "k")]).toEqual([null, null]);
  });

  it("is told in lists by its point in time, and nothing is told of one that never ends", async () => {
    const { kv, write } = simulate();
    await write("ams", "a", "v", { expirationTtl: 61 });
    await write("ams", "b", "v", { expiration: START_SECONDS + 62 });
    await write("ams", "c", "v");
    expect((await kv.at("ams").list({})).keys).toEqual([
      { name: "a", expiration: START_SECONDS + 61 },
      { name: "b", expiration: START_SECONDS + 62 },
      { name: "c" },
    ]);
  });

  it("ends by its lifetime where a point in time is given as well", async () => {
    const { kv, write } = simulate();
    await write("ams", "a", "v", { expirationTtl: 60, expiration: START_SECONDS + 3600 });
    await write("ams", "b", "v", { expirationTtl: 60, expiration: START_SECONDS - 1 });
    expect((await kv.at("ams").list({})).keys.map(({ expiration }) => expiration)).toEqual([
      START_SECONDS + 60,
      START_SECONDS + 60,
    ]);
  });
});
