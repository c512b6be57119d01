import { describe, expect, it } from "vitest";

import { unwrap, wrap, wrapAt, wrapLike } from "../../../../local-cloud/plugins/secrets.ts";
import { secret, UNKNOWN } from "./scripted-vendor.ts";

describe("unwrap", () => {
  it("takes signatures off at any depth, also inside each other", () => {
    expect(unwrap({ a: secret({ b: [secret("x"), 1] }), c: null })).toEqual({ a: { b: ["x", 1] }, c: null });
  });
});

describe("wrap", () => {
  it("leaves a value that is not known yet as it is", () => {
    expect([wrap("x"), wrap(UNKNOWN)]).toEqual([secret("x"), UNKNOWN]);
  });
});

describe("wrapLike", () => {
  it("marks what was secret at the same place and nothing else", () => {
    const signed = { text: secret("x"), plain: "y", list: [{ text: secret("z"), name: "n" }] };
    const state = { text: "x", plain: "y", list: [{ text: "z", name: "n" }], computed: 1 };
    expect(wrapLike(state, signed)).toEqual({ ...signed, computed: 1 });
  });

  it("marks the whole list where its order changed, because places say nothing any more", () => {
    const signed = [{ text: secret("z") }, { text: "open" }];
    const reordered = [{ text: "open" }, { text: "z" }];
    expect(wrapLike(reordered, signed)).toEqual(secret(reordered));
  });

  it("marks a value that took the place of an object with secrets", () => {
    expect(wrapLike("flattened z", { text: secret("z") })).toEqual(secret("flattened z"));
  });
});

describe("wrapAt", () => {
  it("marks every value along a path with a star, and no key", () => {
    const variables = { envVars: { A: { value: "1", generateValue: false }, B: { value: "2" } }, name: "group" };
    expect(wrapAt(variables, "envVars.*.value")).toEqual({
      envVars: { A: { value: secret("1"), generateValue: false }, B: { value: secret("2") } },
      name: "group",
    });
  });

  it("leaves what is secret already, absent, or not known yet", () => {
    const state = { a: unwrapped(secret({ value: "1" })), b: null, c: { value: UNKNOWN } };
    expect(wrapAt(state, "*.value")).toEqual(state);
  });
});

function unwrapped(value: unknown) {
  return wrap(unwrap(value));
}
