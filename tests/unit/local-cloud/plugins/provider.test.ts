import { describe, expect, it } from "vitest";

import { createProvider } from "../../../../local-cloud/plugins/provider.ts";
import type { ResourceType } from "../../../../local-cloud/plugins/resource.ts";
import { secret, UNKNOWN } from "./scripted-vendor.ts";

const URN = "urn:pulumi:dev::kvshift::app:index:Parent$pkg:index/thing:Thing::name";

const thing: ResourceType = {
  secrets: ["value"],
  check: async (inputs) => (inputs["name"] === undefined ? [{ property: "name", reason: "Missing." }] : []),
  diff: async (state, inputs) => {
    const changed = ["name", "value"].filter((name) => state[name] !== inputs[name]);
    return { changed, replaces: changed.filter((name) => name === "name") };
  },
  create: async (inputs) => ({ id: "1", state: { ...inputs, value: "minted" } }),
  read: async (id, state) => (id === "gone" ? undefined : { id, state: { ...state, value: "minted" } }),
  update: async (_id, state, inputs) => ({ ...inputs, value: state["value"] }),
  delete: () => Promise.reject(new Error("the vendor says no")),
};

const provider = createProvider({
  version: "1.2.3",
  load: () => ({
    resources: { "pkg:index/thing:Thing": thing },
    functions: { "pkg:index/list:list": async (args) => ({ results: [args["name"] ?? null], absent: undefined }) },
  }),
});

describe("a provider", () => {
  it("finds the type behind the types of its parents, and names one that it does not know", async () => {
    await expect(provider.check?.(URN, {}, { name: "x" })).resolves.toEqual({ inputs: { name: "x" }, failures: [] });
    await expect(provider.check?.(URN.replace("Thing::", "Other::"), {}, {})).rejects.toThrow(
      "the local plugin does not know the resource type pkg:index/thing:Other",
    );
  });

  it("reports failures of a check without losing unknown or secret inputs", async () => {
    const inputs = { value: secret("x"), later: UNKNOWN };
    await expect(provider.check?.(URN, {}, inputs)).resolves.toEqual({
      inputs,
      failures: [{ property: "name", reason: "Missing." }],
    });
  });

  it("compares secrets by what they hold", async () => {
    const olds = { name: "x", value: secret("v") };
    await expect(provider.diff?.("1", URN, olds, { name: secret("x"), value: "v" })).resolves.toEqual({
      changes: false,
      replaces: [],
    });
    await expect(provider.diff?.("1", URN, olds, { name: "y", value: "v" })).resolves.toEqual({
      changes: true,
      replaces: ["name"],
    });
  });

  it("marks as secret what the type says and what was secret in the inputs", async () => {
    await expect(provider.create?.(URN, { name: "x", note: secret("n") })).resolves.toEqual({
      id: "1",
      outs: { name: "x", note: secret("n"), value: secret("minted") },
    });
    await expect(provider.update?.("1", URN, { value: secret("minted") }, { name: "y" })).resolves.toEqual({
      outs: { name: "y", value: secret("minted") },
    });
  });

  it("keeps secrets of the state in a refresh, and says by an empty id that an object is gone", async () => {
    const state = { name: "x", note: secret("n"), value: secret("minted") };
    await expect(provider.read?.("1", URN, state)).resolves.toEqual({ id: "1", props: state });
    await expect(provider.read?.("gone", URN, state)).resolves.toEqual({ id: "", props: {} });
  });

  it("shows the message of an error and no stack", async () => {
    await expect(provider.delete?.("1", URN, {})).rejects.toMatchObject({ message: "the vendor says no", stack: "" });
  });

  it("calls functions with plain arguments and leaves absent results out", async () => {
    await expect(provider.invoke?.("pkg:index/list:list", { name: secret("x") })).resolves.toEqual({
      outputs: { results: ["x"] },
    });
    await expect(provider.invoke?.("pkg:index/other:other", {})).rejects.toThrow("pkg:index/other:other");
  });

  it("takes the name and version that it is parameterized with", async () => {
    await expect(provider.parameterizeValue?.("render", "1.9.1", "{}")).resolves.toEqual({
      name: "render",
      version: "1.9.1",
    });
  });

  it("reports a package that cannot be loaded as the error of each call", async () => {
    const broken = createProvider({
      version: "1.2.3",
      load: () => {
        throw new Error("RENDER_HOST is not set");
      },
    });
    await expect(broken.check?.(URN, {}, {})).rejects.toThrow("RENDER_HOST is not set");
  });
});
