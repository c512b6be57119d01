import { expect, it } from "vitest";

import { nameOfUrn } from "../../../src/stack/types.ts";

it("takes the name in the program out of a URN, whatever its parents", () => {
  expect(nameOfUrn("urn:pulumi:dev::kvshift::kvshift:index:Namespaces$cloudflare:index/a:A::cache")).toBe("cache");
});
