import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, it } from "vitest";

import type { ResourceChange } from "../../../src/core/events.ts";
import { EngineReporter } from "../../../src/engine/engine-report.ts";
import { UNKNOWN } from "../../../src/state/properties.ts";

type Metadata = NonNullable<EngineEvent["resOutputsEvent"]>["metadata"];

const at = { sequence: 1, timestamp: 1 };
const urnOf = (type: string, name: string) => `urn:pulumi:dev::kvshift::parent$${type}::${name}`;

function metadata(op: string, type: string, name: string, diffs?: string[]): Metadata {
  const provider = "urn:pulumi:dev::kvshift::pulumi:providers:cloudflare::default::id";
  return { op: op as Metadata["op"], type, urn: urnOf(type, name), provider, ...(diffs ? { diffs } : {}) };
}

const done = (...args: Parameters<typeof metadata>): EngineEvent => ({
  ...at,
  resOutputsEvent: { metadata: metadata(...args) },
});

function reportOf(...events: EngineEvent[]) {
  const heard: ResourceChange[] = [];
  const reporter = new EngineReporter((change) => heard.push(change));
  events.forEach(reporter.onEvent);
  return { ...reporter.report(), heard };
}

const NAMESPACE = "cloudflare:index/workersKvNamespace:WorkersKvNamespace";

describe("EngineReporter", () => {
  it("is empty before anything happened", () => {
    expect(new EngineReporter().report()).toEqual({ changes: [], counts: {}, policies: [], errors: [], failed: [] });
  });

  it("tells each change once, in order, with the names of the properties that differ", () => {
    const expected = [
      { operation: "create", type: NAMESPACE, name: "sessions", properties: [] },
      { operation: "update", type: NAMESPACE, name: "cache", properties: ["title"] },
    ];
    const { changes, heard } = reportOf(
      done("create", NAMESPACE, "sessions"),
      done("update", NAMESPACE, "cache", ["title"]),
    );
    expect(changes).toEqual(expected);
    expect(heard).toEqual(expected);
  });

  it("tells nothing of what stays the same, of reads and of the stack itself", () => {
    const { changes, heard } = reportOf(
      done("same", NAMESPACE, "sessions"),
      done("read", NAMESPACE, "other"),
      done("create", "pulumi:pulumi:Stack", "kvshift-dev"),
    );
    expect({ changes, heard }).toEqual({ changes: [], heard: [] });
  });

  it("does not count a change that is only planned or has begun", () => {
    const { changes } = reportOf({ ...at, resourcePreEvent: { metadata: metadata("create", NAMESPACE, "sessions") } });
    expect(changes).toEqual([]);
  });

  it("keeps every planned step with the inputs before and after, and those that change nothing too", () => {
    const urn = urnOf(NAMESPACE, "sessions");
    const state = { type: NAMESPACE, urn, id: "id", parent: "", outputs: { title: "other" }, provider: "" };
    const planned = (op: string, versions: Partial<Metadata>): EngineEvent => ({
      ...at,
      resourcePreEvent: { metadata: { ...metadata(op, NAMESPACE, "sessions"), ...versions }, planning: true },
    });
    const reporter = new EngineReporter();
    reporter.onEvent(
      planned("update", {
        old: { ...state, inputs: { title: "old" } },
        new: { ...state, inputs: { title: "[secret]" } },
      }),
    );
    reporter.onEvent(planned("same", { new: { ...state, inputs: {} } }));
    const step = { type: NAMESPACE, name: "sessions", urn };
    expect(reporter.planned().changes).toEqual([
      { ...step, operation: "update", before: { title: "old" }, after: { title: "[secret]" } },
      { ...step, operation: "same", before: undefined, after: {} },
    ]);
  });

  it("keeps what each resource will register, as it is told last, with unknown values as such", () => {
    const type = "kvshift:index:Namespaces";
    const told = (outputs: Record<string, unknown>): EngineEvent => {
      const urn = urnOf(type, "dev");
      const state = { type, urn, id: "", parent: "", inputs: {}, outputs, provider: "" };
      return { ...at, resOutputsEvent: { metadata: { ...metadata("same", type, "dev"), new: state } } };
    };
    const reporter = new EngineReporter();
    reporter.onEvent(told({}));
    reporter.onEvent(told({ ids: { cache: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }, token: "[secret]" }));
    expect(reporter.planned().outputs).toEqual([
      { type, name: "dev", urn: urnOf(type, "dev"), outputs: { ids: { cache: UNKNOWN }, token: "[secret]" } },
    ]);
  });

  it("takes the counts from the summary", () => {
    const resourceChanges = { create: 3, same: 1 };
    const summary = { maybeCorrupt: false, durationSeconds: 1, resourceChanges, policyPacks: {} };
    const { counts } = reportOf({ ...at, summaryEvent: summary });
    expect(counts).toEqual({ create: 3, same: 1 });
  });

  it("names operations that failed", () => {
    const failure = { metadata: metadata("delete", NAMESPACE, "sessions"), status: 1, steps: 1 };
    expect(reportOf({ ...at, resOpFailedEvent: failure }).failed).toEqual([
      { operation: "delete", type: NAMESPACE, name: "sessions", properties: [] },
    ]);
  });

  it("gathers findings of policies without the engine's colour markup", () => {
    const policyEvent = {
      resourceUrn: urnOf(NAMESPACE, "sessions"),
      message: "<{%fg 1%}>Title is wrong<{%reset%}>",
      color: "never",
      policyName: "names-follow-the-environment",
      policyPackName: "kvshift",
      policyPackVersion: "1.0.0",
      policyPackVersionTag: "1.0.0",
      enforcementLevel: "mandatory" as const,
    };
    const { resourceUrn: _, ...aboutTheStack } = policyEvent;
    expect(reportOf({ ...at, policyEvent }, { ...at, policyEvent: aboutTheStack }).policies).toEqual([
      { policy: policyEvent.policyName, level: "mandatory", message: "Title is wrong", resource: "sessions" },
      { policy: policyEvent.policyName, level: "mandatory", message: "Title is wrong", resource: undefined },
    ]);
  });

  it("keeps errors and passes over warnings", () => {
    const diagnostic = (severity: string, message: string) =>
      ({ ...at, diagnosticEvent: { severity, message, color: "never" } }) as EngineEvent;
    const { errors } = reportOf(
      diagnostic("warning", "old plugin"),
      diagnostic("error", "<{%reset%}>the vendor answered 403\n<{%reset%}>"),
      diagnostic("error", "Error: no stack trace\n    at run (file:///lib/engine.js:1:2)\nmore"),
    );
    expect(errors).toEqual(["the vendor answered 403", "Error: no stack trace\nmore"]);
  });
});
