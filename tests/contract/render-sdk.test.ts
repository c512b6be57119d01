import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as render from "@pulumi/render";
import { describe, expect, it } from "vitest";

import { CHECKOUT } from "../support/kvshift.ts";
import { runWithMocks } from "../support/pulumi-mocks.ts";

/** What `pulumi package add terraform-provider@1.1.3 render-oss/render 1.9.1` writes: the two must be interchangeable. */
const PARAMETER = Buffer.from(
  JSON.stringify({ remote: { url: "registry.opentofu.org/render-oss/render", version: "1.9.1" } }),
).toString("base64");

describe("@pulumi/render", () => {
  it("registers the tokens and inputs of the generated SDK", async () => {
    const { resources } = await runWithMocks((opts) => {
      const provider = new render.Provider("workspace", {
        apiKey: "x".repeat(8),
        ownerId: "tea-d0000000000000000001",
        waitForDeployCompletion: true,
      });
      const group = new render.EnvGroup("group", { name: "g", envVars: { A: { value: "1" } } }, { ...opts, provider });
      return new render.EnvGroupLink("link", { envGroupId: group.id, serviceIds: ["srv-1"] }, { ...opts, provider });
    });
    const seen = resources.map(({ type, name, inputs, secrets }) => ({ type, name, inputs, secrets }));
    expect(seen.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      {
        type: "render:index/envGroup:EnvGroup",
        name: "group",
        inputs: { name: "g", envVars: { A: { value: "1" } } },
        secrets: [],
      },
      {
        type: "render:index/envGroupLink:EnvGroupLink",
        name: "link",
        inputs: { envGroupId: "group-id", serviceIds: ["srv-1"] },
        secrets: [],
      },
      {
        type: "pulumi:providers:render",
        name: "workspace",
        inputs: { apiKey: "x".repeat(8), ownerId: "tea-d0000000000000000001", waitForDeployCompletion: "true" },
        secrets: ["apiKey"],
      },
    ]);
  });

  it("names the same package in its manifest, its registration and the project file", () => {
    const manifest: unknown = JSON.parse(readFileSync(join(CHECKOUT, "sdks", "render", "package.json"), "utf8"));
    expect(manifest).toMatchObject({
      name: "@pulumi/render",
      version: "1.9.1",
      pulumi: {
        resource: true,
        name: "terraform-provider",
        version: "1.1.3",
        parameterization: { name: "render", version: "1.9.1", value: PARAMETER },
      },
    });
    expect(readFileSync(join(CHECKOUT, "sdks", "render", "registration.ts"), "utf8")).toContain(PARAMETER);
    expect(readFileSync(join(CHECKOUT, "Pulumi.yaml"), "utf8")).toContain(
      "source: terraform-provider\n    version: 1.1.3",
    );
  });
});
