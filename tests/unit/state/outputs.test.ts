import { describe, expect, it } from "vitest";

import { readDeployment } from "../../../src/state/deployment.ts";
import { readOutputs } from "../../../src/state/outputs.ts";
import { DECRYPTED } from "../../policy/recorded-state.ts";

/** As `pulumi stack export --show-secrets` prints a secret. */
const secret = (value: unknown) => ({ ...DECRYPTED, plaintext: JSON.stringify(value) });
const exported = (outputs?: Record<string, unknown>) => ({
  version: 3,
  deployment: {
    resources: [
      { urn: "provider", type: "pulumi:providers:cloudflare", outputs: { version: "6.18.0" } },
      { urn: "stack", type: "pulumi:pulumi:Stack", ...(outputs === undefined ? {} : { outputs }) },
    ],
  },
});

describe("readOutputs", () => {
  it("gives the outputs of the stack and of nothing else, as the program returned them", () => {
    const phase = { value: { phase: "kv", shards: [4, null, true] }, secret: false };
    expect(readOutputs(readDeployment(exported({ environment: phase.value })))).toEqual({ environment: phase });
  });

  it("decrypts a secret and says that it is one", () => {
    const variables = { TOKEN: "a", URL: "b" };
    expect(readOutputs(readDeployment(exported({ variables: secret(variables) })))).toEqual({
      variables: { value: variables, secret: true },
    });
  });

  it.each([
    ["a part of an object", { plain: 1, hidden: secret("a") }, { plain: 1, hidden: "a" }],
    ["an element of a list", [1, secret("a")], [1, "a"]],
    ["a part of a secret", secret({ hidden: secret("a") }), { hidden: "a" }],
  ])("takes an output for a secret where %s is one", (_title, output, value) => {
    expect(readOutputs(readDeployment(exported({ output })))).toEqual({ output: { value, secret: true } });
  });

  it.each([
    ["was never updated", { deployment: {} }],
    ["was destroyed", { deployment: { resources: [] } }],
    ["was never finished", exported()],
  ])("gives none of a stack that %s", (_title, state) => {
    expect(readOutputs(readDeployment(state))).toEqual({});
  });

  it("throws where the export has another form, instead of finding nothing in it", () => {
    expect(() => readOutputs(readDeployment({ resources: [] }))).toThrow("deployment");
  });
});
