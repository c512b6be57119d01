import { createHash } from "node:crypto";
import { createRequire } from "node:module";

import { describe, expect, it } from "vitest";
import { z } from "zod";

import { createProvider } from "../../../../../local-cloud/plugins/provider.ts";
import { randomPackage } from "../../../../../local-cloud/plugins/random/package.ts";
import { passwordType } from "../../../../../local-cloud/plugins/random/password.ts";
import { PLUGINS } from "../../../../../local-cloud/plugins/versions.ts";
import { UNKNOWN } from "../scripted-vendor.ts";

/** The same bytes in each run, spread like random ones. */
function seeded() {
  let block = 0;
  return (length: number) => {
    block += 1;
    return new Uint8Array(createHash("shake256", { outputLength: length }).update(String(block)).digest());
  };
}

const type = () => passwordType(seeded());
const INPUTS = { length: 48, special: false, keepers: { epoch: "1" } };
const URN = "urn:pulumi:dev::kvshift::random:index/randomPassword:RandomPassword::application-a1";

async function resultOf(inputs: Parameters<ReturnType<typeof type>["create"]>[0]): Promise<string> {
  const { state } = await type().create(inputs);
  return z.string().parse(state["result"]);
}

describe("RandomPassword", () => {
  it("has letters and digits only, as many as asked for, and an id that tells nothing", async () => {
    const { id, state } = await type().create(INPUTS);
    expect(id).toBe("none");
    expect(state["result"]).toMatch(/^[A-Za-z0-9]{48}$/);
  });

  it("keeps in its state what the official provider keeps", async () => {
    const { state } = await type().create(INPUTS);
    const { result: _result, bcryptHash: _hash, ...settings } = state;
    expect(settings).toEqual({
      ...INPUTS,
      lower: true,
      upper: true,
      numeric: true,
      number: true,
      minLower: 0,
      minUpper: 0,
      minNumeric: 0,
      minSpecial: 0,
    });
  });

  it("uses every character about as often as any other", async () => {
    const text = await resultOf({ ...INPUTS, length: 62 * 400 });
    const counts = Object.values(Object.groupBy([...text], (character) => character)).map(
      (found) => found?.length ?? 0,
    );
    expect(counts).toHaveLength(62);
    expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(2);
  });

  it("has each kind of character as often as asked for, and only from what is allowed", async () => {
    const text = await resultOf({
      length: 6,
      lower: false,
      upper: false,
      overrideSpecial: "!",
      minSpecial: 4,
      minNumeric: 2,
    });
    expect([...text].toSorted().join("")).toMatch(/^!{4}\d\d$/);
    expect(await resultOf({ length: 400 })).toMatch(/[!@#$%&*()\-_=+[\]{}<>:?]/);
  });

  it("is another one at each creation, from the randomness that is passed in", async () => {
    const shared = passwordType(seeded());
    const [first, second] = [await shared.create(INPUTS), await shared.create(INPUTS)];
    expect(first.state["result"]).not.toBe(second.state["result"]);
    expect(await resultOf(INPUTS)).toBe(first.state["result"]);
  });

  it("does not change while the program says the same, defaults spelt out or not", async () => {
    const { state } = await type().create(INPUTS);
    await expect(type().diff(state, INPUTS)).resolves.toEqual({ changed: [], replaces: [] });
    const spelt = { ...INPUTS, lower: true, minLower: 0 };
    await expect(type().diff(state, spelt)).resolves.toEqual({ changed: [], replaces: [] });
  });

  it.each([
    ["keepers", { ...INPUTS, keepers: { epoch: "2" } }],
    ["keepers", { length: 48, special: false }],
    ["length", { ...INPUTS, length: 49 }],
    ["special", { length: 48, keepers: { epoch: "1" } }],
    ["lower", { ...INPUTS, lower: false }],
  ])("is replaced by a change of %s", async (property, inputs) => {
    const { state } = await type().create(INPUTS);
    await expect(type().diff(state, inputs)).resolves.toEqual({ changed: [property], replaces: [property] });
  });

  it("is there as long as the state says so: nobody else knows it", async () => {
    const { id, state } = await type().create(INPUTS);
    await expect(type().read(id, state)).resolves.toEqual({ id, state });
    await expect(type().delete(id, state)).resolves.toBeUndefined();
  });

  it.each([
    [{ special: false }, "Missing required argument."],
    [{ length: 0 }, "A whole number, 1 or more, is expected."],
    [{ length: 1.5 }, "A whole number, 1 or more, is expected."],
    [{ length: 3, minLower: 2, minUpper: 2 }, "A whole number, 4 or more, is expected."],
  ])("refuses %j", async (inputs, reason) => {
    await expect(type().check(inputs)).resolves.toEqual([{ property: "length", reason }]);
  });

  it("takes a length that is not known yet", async () => {
    await expect(type().check({ length: UNKNOWN })).resolves.toEqual([]);
  });

  it("gives the engine the password and its hash as secrets, and nothing else", async () => {
    const provider = createProvider({ version: "1", load: () => randomPackage(seeded()) });
    const { id, outs } = (await provider.create?.(URN, INPUTS)) ?? {};
    const secrets = Object.entries(z.record(z.string(), z.unknown()).parse(outs)).filter(([, value]) =>
      JSON.stringify(value).includes("1b47061264138c4ac30d75fd1eb44270"),
    );
    expect({ id, secrets: secrets.map(([name]) => name).toSorted() }).toEqual({
      id: "none",
      secrets: ["bcryptHash", "result"],
    });
  });
});

describe("PLUGINS.random", () => {
  it("is the version that the SDK asks the engine for", () => {
    const manifest: unknown = createRequire(import.meta.url)("@pulumi/random/package.json");
    expect(manifest).toMatchObject({ version: PLUGINS.random.version, pulumi: { version: PLUGINS.random.version } });
  });
});
