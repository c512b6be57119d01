import { expect, it } from "vitest";

import { ShardInMemory } from "../../../support/shard-in-memory.ts";

it("writes the last of two pairs with one key, also where the first attempt is repeated after another write", () => {
  const object = new ShardInMemory(0);
  const pair = (value: string) => ({
    key: "key",
    metadata: undefined,
    expiry: undefined,
    value: new TextEncoder().encode(value),
  });
  const operation = { id: object.newId(), isRepeat: false };
  const pairs = [pair("first"), pair("last")];
  expect(object.shard.putMany(pairs, { ...operation, isRepeat: true })).toBe("done");
  expect(object.text("key")).toBe("last");
  object.put("key", "later");
  expect(object.shard.putMany(pairs, { ...operation, isRepeat: true })).toBe("done");
  expect(object.text("key")).toBe("later");
});
