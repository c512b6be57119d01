import { describe, expect, test } from "vitest";

import { EVENTUAL } from "../../../testbed/gateway-fixture.ts";
import { openOwnProtocol } from "./own-protocol.ts";

describe("an atomic operation", () => {
  test("puts where there is nothing, and only there", async () => {
    const { atomic } = openOwnProtocol();
    const first = await atomic("put-if-absent", { value: "me" });
    expect(first.result).toMatchObject({ applied: true, version: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const second = await atomic("put-if-absent", { value: "you" });
    expect(second.result).toMatchObject({ applied: false, version: first.result?.["version"] });
  });

  test("puts where nothing changed since, and only there", async () => {
    const { atomic } = openOwnProtocol();
    const { result } = await atomic("put-if-absent", { value: "1" });
    const version = result?.["version"];
    expect((await atomic("put-if-unchanged", { value: "2", version })).result).toMatchObject({ applied: true });
    expect((await atomic("put-if-unchanged", { value: "3", version })).result).toMatchObject({ applied: false });
    expect((await atomic("get-and-delete")).result).toMatchObject({ applied: true, value: btoa("2") });
    expect((await atomic("get-and-delete")).result).toMatchObject({ applied: false });
  });

  test("counts, and keeps the end of the counter", async () => {
    const { atomic, clock } = openOwnProtocol();
    expect((await atomic("increment", { expiration_ttl: 10 })).result).toMatchObject({ value: 1 });
    clock.advance(9_999);
    expect((await atomic("increment", { by: 41, expiration_ttl: 10 })).result).toMatchObject({ value: 42 });
    clock.advance(1);
    expect((await atomic("increment", { by: -1 })).result).toMatchObject({ value: -1 });
  });

  test("moves the end of an entry and nothing else", async () => {
    const { atomic, clock } = openOwnProtocol();
    await atomic("put-if-absent", { value: "v", metadata: { m: 1 }, expiration_ttl: 10 });
    expect((await atomic("touch", { expiration_ttl: 20 })).result).toMatchObject({ applied: true });
    clock.advance(19_999);
    expect((await atomic("get-and-delete")).result).toMatchObject({ value: btoa("v"), metadata: { m: 1 } });
    expect((await atomic("touch", { expiration_ttl: 20 })).result).toMatchObject({ applied: false });
  });

  test("that is repeated gets the first answer, whatever happened since, and changes nothing", async () => {
    const { atomic } = openOwnProtocol();
    const same = { operation_id: "operation-same" };
    const first = await atomic("increment", same);
    await atomic("increment");
    expect(await atomic("increment", same)).toEqual(first);
    expect((await atomic("increment")).result).toMatchObject({ value: 3 });
    expect(await atomic("increment", { ...same, by: 2 })).toMatchObject({ status: 409 });
  });

  test("that is repeated when the end that it asked for has passed gets the first answer too", async () => {
    const { atomic, clock } = openOwnProtocol();
    const end = Math.floor(clock.now() / 1000) + 5;
    const same = { operation_id: "operation-late", value: "me", expiration: end };
    const first = await atomic("put-if-absent", same);
    expect(first.result).toMatchObject({ applied: true, expiration: end });
    clock.advance(60_000);
    expect(await atomic("put-if-absent", same)).toEqual(first);
    const late = await atomic("put-if-absent", { ...same, operation_id: "operation-new" });
    expect(late).toMatchObject({ status: 400, message: expect.stringContaining("in the future") });
  });

  test("is known by its id and its key: one id on twelve keys is twelve operations, each done once", async () => {
    const { atomic } = openOwnProtocol();
    const keys = Array.from({ length: 12 }, (_, index) => `counter-${String(index)}`);
    for (const _ of [1, 2]) {
      const all = await Promise.all(keys.map((key) => atomic("increment", { key, operation_id: "operation-shared" })));
      expect(all.map(({ status, result }) => [status, result?.["value"]])).toEqual(keys.map(() => [200, 1]));
    }
  });

  test.each<[string, string, object, number]>([
    ["an end that has passed", "put-if-absent", { key: "new", value: "v", expiration: 1_000_000_000 }, 400],
    ["an end beyond the clock of the runtime", "touch", { key: "text", expiration_ttl: 9_000_000_000 }, 400],
    ["no operation", "delete", {}, 400],
    ["a counter that is text", "increment", { key: "text" }, 400],
    ["a step that is no whole number", "increment", { by: 0.5 }, 400],
    ["no value", "put-if-absent", {}, 400],
    ["base64 that is none", "put-if-absent", { value: "*", base64: true }, 400],
    ["no version", "put-if-unchanged", { value: "v" }, 400],
    ["a short id", "increment", { operation_id: "short" }, 400],
    ["a key of 513 bytes", "increment", { key: "k".repeat(513) }, 414],
    ["a key that is no text", "increment", { key: 1 }, 400],
    ["a lifetime of nothing", "touch", { expiration_ttl: 0 }, 400],
  ])("with %s is refused", async (_, operation, fields, status) => {
    const { atomic } = openOwnProtocol();
    await atomic("put-if-absent", { key: "text", value: "text" });
    expect(await atomic(operation, fields)).toMatchObject({ status, result: null });
  });

  test("is refused on an eventual namespace, with the reason", async () => {
    const refused = await openOwnProtocol().atomic("increment", {}, EVENTUAL.id);
    expect(refused).toMatchObject({ status: 400, result: null });
    expect(refused.message).toContain("strong");
  });
});
