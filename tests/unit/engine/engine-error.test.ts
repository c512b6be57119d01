import { describe, expect, it } from "vitest";

import { AppError } from "../../../src/core/app-error.ts";
import type { ResourceChange } from "../../../src/core/events.ts";
import { adviceLines, explainFailure, policyViolated, violationLines } from "../../../src/engine/engine-error.ts";
import type { EngineReport, PolicyFinding } from "../../../src/engine/engine-report.ts";
import { stackNotFound } from "../../../src/state/outputs.ts";

const NOTHING: EngineReport = { changes: [], counts: {}, policies: [], errors: [], failed: [] };
const CHANGE: ResourceChange = {
  operation: "create",
  type: "cloudflare:index/accountToken:AccountToken",
  name: "application-a1",
  properties: [],
};
const finding = (more: Partial<PolicyFinding> = {}): PolicyFinding => ({
  policy: "kv-only-tokens",
  level: "mandatory",
  message: " The token does more. \n",
  resource: "application-a1",
  ...more,
});
/** As the Automation API throws: the command line first. */
const commandError = (stderr: string) =>
  new Error(`code: -2\n stdout: \n stderr: Command failed: pulumi up --config-file secret-path\n${stderr}\n err?: ...`);

describe("explainFailure", () => {
  it("passes an error on that is explained already", () => {
    const error = stackNotFound();
    expect(explainFailure(error, NOTHING, true)).toBe(error);
  });

  it.each([
    ["error: the stack is currently locked by 1 lock(s). Either wait …", "STACK_LOCKED"],
    ["error: incorrect passphrase", "PASSPHRASE_WRONG"],
    ["error: [1] decrypting: cipher: message authentication failed", "PASSPHRASE_WRONG"],
    ["error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or …", "PASSPHRASE_MISSING"],
    ["error: no stack named 'dev' found", "STACK_NOT_FOUND"],
    ['error: resource "urn:…" cannot be deleted because it is protected', "PROTECTED"],
    ['error: Preview failed: unable to replace resource "urn:…" as it is currently marked for protection', "PROTECTED"],
    [
      "error: no resource plugin 'pulumi-resource-cloudflare' found in the workspace at version v6.22.1",
      "PROVIDERS_INVALID",
    ],
    ["error: could not load plugin: failed to load plugin /x: exit status 1", "PROVIDERS_INVALID"],
  ])("knows %s", (text, code) => {
    const byMessage = explainFailure(commandError(text), NOTHING, false);
    const byDiagnostic = explainFailure(commandError(""), { ...NOTHING, errors: [text] }, false);
    expect([byMessage.code, byDiagnostic.code]).toEqual([code, code]);
    expect(byMessage.fix).not.toBe("");
  });

  it("says that a locked stack may be tried again", () => {
    expect(explainFailure(commandError("currently locked by 1 lock(s)"), NOTHING, true).retryable).toBe(true);
  });

  it("calls it partial where an operation had changed something", () => {
    const report = { ...NOTHING, changes: [CHANGE, CHANGE], failed: [CHANGE], errors: ["403 from the vendor"] };
    const failure = commandError("error: update failed");
    expect(explainFailure(failure, report, true)).toMatchObject({
      code: "PARTIAL",
      problem: "The run stopped after 2 changes.",
      details: ["403 from the vendor"],
      retryable: true,
      cause: failure,
    });
  });

  it("does not call a preview partial that had planned changes", () => {
    const report = { ...NOTHING, changes: [CHANGE], errors: ["odd"] };
    expect(explainFailure(commandError("error: preview failed"), report, false).code).toBe("ENGINE_FAILED");
  });

  it("names the operation that a vendor refused before anything was changed", () => {
    const report = {
      ...NOTHING,
      failed: [CHANGE],
      errors: ["10000: Authentication error", "10000: Authentication error"],
    };
    expect(explainFailure(commandError(""), report, true)).toMatchObject({
      code: "VENDOR_FAILED",
      problem: "A vendor refused: create application-a1.",
      details: ["10000: Authentication error"],
    });
  });

  it.each([
    ["PUT /accounts: 403 Forbidden", false],
    ["PUT /accounts: 401 Unauthorized", false],
    ["unexpected status: 403", false],
    ["unexpected status: 500: 1403 bytes", true],
    ["429 Too Many Requests", true],
  ])("calls %j worth another try: %s", (line, retryable) => {
    const report = { ...NOTHING, failed: [CHANGE], errors: [line] };
    expect(explainFailure(commandError(""), report, true)).toMatchObject({ code: "VENDOR_FAILED", retryable });
  });

  it("shows of an unknown failure the engine's own lines, once each, and nothing of the command line", () => {
    const failure = commandError("error: something odd\nsome chatter\n  error: something odd\nerror: another");
    const { code, details } = explainFailure(failure, NOTHING, true);
    expect({ code, details }).toEqual({
      code: "ENGINE_FAILED",
      details: ["error: something odd", "error: another"],
    });
  });

  it("explains what is no Error, too", () => {
    expect(explainFailure("error: thrown text", NOTHING, false)).toMatchObject({
      code: "ENGINE_FAILED",
      details: ["error: thrown text"],
    });
  });

  it("puts a violated policy before everything else, and says that nothing was changed", () => {
    const report = { ...NOTHING, policies: [finding()], errors: ["preview failed"] };
    const error = explainFailure(commandError("error: preview failed"), report, false);
    expect(error).toMatchObject({
      code: "POLICY_VIOLATED",
      details: ["kv-only-tokens (application-a1): The token does more."],
      fix: expect.stringMatching(/Nothing was changed\.$/),
    });
  });

  it("does not say so where a policy spoke after `up` had made its changes", () => {
    const report = { ...NOTHING, policies: [finding()], changes: [CHANGE] };
    const { code, fix } = explainFailure(commandError(""), report, true);
    expect(code).toBe("POLICY_VIOLATED");
    expect(fix).not.toContain("Nothing was changed");
  });

  it("does not blame a policy for what a vendor refused", () => {
    const report = { ...NOTHING, policies: [finding()], failed: [CHANGE] };
    expect(explainFailure(commandError(""), report, false).code).toBe("VENDOR_FAILED");
  });

  it.each([true, false])("always gives an error with a fix (applied: %s)", (applied) => {
    const error = explainFailure(new Error("x"), NOTHING, applied);
    expect(error).toBeInstanceOf(AppError);
    expect(error.fix).toMatch(/\.$/);
  });
});

describe("violationLines", () => {
  it("takes mandatory findings and rules that could not run, and no advice", () => {
    const policies = [
      finding({ resource: undefined }),
      finding({ level: "advisory", message: "a hint" }),
      finding({ level: "advisory", message: "can't run policy 'x' during preview: value unknown" }),
    ];
    expect(violationLines({ policies }, "preview")).toEqual([
      "kv-only-tokens: The token does more.",
      "kv-only-tokens (application-a1): can't run policy 'x' during preview: value unknown",
    ]);
  });

  it("lets a rule that judges after creation wait for the end of the update, and no longer", () => {
    const policies = [
      finding({ policy: "own-namespaces-only", level: "advisory", message: "can't run policy 'x' during preview" }),
    ];
    expect(violationLines({ policies }, "preview")).toEqual([]);
    expect(violationLines({ policies }, "update")).toEqual([
      "own-namespaces-only (application-a1): can't run policy 'x' during preview",
    ]);
  });

  it("lets no such rule pass where it ran and is broken", () => {
    const policies = [finding({ policy: "own-namespaces-only" })];
    expect(violationLines({ policies }, "preview")).toHaveLength(1);
  });
});

describe("adviceLines", () => {
  it("takes what advisory rules say, not what refuses", () => {
    const policies = [
      finding(),
      finding({ level: "advisory", message: "a hint" }),
      finding({ level: "advisory", message: "can't run policy 'x' during preview: value unknown" }),
    ];
    expect(adviceLines({ policies })).toEqual(["kv-only-tokens (application-a1): a hint"]);
  });
});

describe("policyViolated", () => {
  it("is a refusal that points to the documentation of the rules", () => {
    expect(policyViolated(["one"])).toMatchObject({ exitCode: 3, details: ["one"] });
    expect(policyViolated(["one"]).fix).toContain("docs/policy.md");
  });
});
