import { describe, expect, it } from "vitest";

import { requireWorkspace } from "../../../src/stack/workspace.ts";

const config = { render: { ownerId: "tea-d0000000000000000001", services: ["srv-d0000000000000000001"] } };

describe("requireWorkspace", () => {
  it.each([{}, { RENDER_OWNER_ID: "tea-d0000000000000000001" }])("takes the environment %o", (env) => {
    expect(() => {
      requireWorkspace(env, config);
    }).not.toThrow();
  });

  it("refuses another workspace in RENDER_OWNER_ID and names both", () => {
    expect(() => {
      requireWorkspace({ RENDER_OWNER_ID: "tea-x0000000000000000009" }, config);
    }).toThrow(
      expect.objectContaining({
        code: "WORKSPACE_DIFFERS",
        details: ["RENDER_OWNER_ID: tea-x0000000000000000009", "kvshift:render.ownerId: tea-d0000000000000000001"],
      }),
    );
  });
});
