import { describe, expect, it } from "vitest";

import type { StackView } from "../../../src/policy/model.ts";
import { rule } from "../../../src/policy/rules/own-namespaces-only.ts";
import { type PropertyValue, UNKNOWN } from "../../../src/state/properties.ts";
import {
  added,
  changed,
  groupVariables,
  IDS,
  messages,
  namespacesComponent,
  resource,
  urnOf,
  wellFormedStack,
} from "../well-formed-stack.ts";

const GROUP = "cloudflare-kv";
const FOREIGN = "f".repeat(32);
const SESSIONS = "CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS";
const JSON_VARIABLE = "CLOUDFLARE_KV_NAMESPACES";

function withVariable(name: string, value: PropertyValue, stack: StackView = wellFormedStack()): StackView {
  return changed(stack, "group", GROUP, { envVars: groupVariables({ [name]: { value } }) });
}

/** As in a first preview: no id is known yet. */
function beforeCreation(stack: StackView): StackView {
  const component = namespacesComponent({ sessions: UNKNOWN, "page-cache": UNKNOWN });
  const resources = stack.resources.map((candidate) => (candidate.urn === component.urn ? component : candidate));
  return { ...stack, resources };
}

/** The group takes its variables from nothing but `sources`. */
function dependingOn(stack: StackView, ...sources: readonly string[]): StackView {
  const propertyDependencies = { envVars: sources };
  const resources = stack.resources.map((candidate) =>
    candidate.urn === urnOf("group", GROUP) ? { ...candidate, propertyDependencies } : candidate,
  );
  return { ...stack, resources };
}

const unknownVariables = groupVariables({
  [SESSIONS]: { value: UNKNOWN },
  CLOUDFLARE_KV_NAMESPACE_ID_PAGE_CACHE: { value: UNKNOWN },
  [JSON_VARIABLE]: { value: UNKNOWN },
});

const NOT_THE_ID = `Environment group ${GROUP}: ${SESSIONS} is not the id of namespace sessions of this stack.`;

describe("own-namespaces-only", () => {
  it("holds where every id is that of its namespace", () => {
    expect(rule.check(wellFormedStack())).toEqual([]);
  });

  it("holds in a first preview, where the values come from the namespaces", () => {
    const stack = changed(wellFormedStack(), "group", GROUP, { envVars: unknownVariables });
    expect(rule.check(beforeCreation(stack))).toEqual([]);
  });

  it("takes the id that a provider repeats before that of the component", () => {
    const stack = changed(wellFormedStack(), "namespace", "sessions", { id: FOREIGN });
    expect(messages(rule.check(stack), stack)).toHaveLength(2);
    expect(rule.check(withVariable(SESSIONS, FOREIGN, stack))).toHaveLength(1);
  });

  it.each([
    ["a foreign id", FOREIGN],
    ["the id of another namespace", IDS["page-cache"]],
    ["nothing", null],
  ])("reports a variable with %s", (_, value) => {
    const stack = withVariable(SESSIONS, value);
    expect(messages(rule.check(stack), stack)).toEqual([NOT_THE_ID]);
    expect(rule.check(stack)[0]?.urn).toBe(urnOf("group", GROUP));
  });

  it("reports a known id while the namespace has none yet", () => {
    const stack = beforeCreation(withVariable(SESSIONS, FOREIGN));
    expect(messages(rule.check(stack), stack)).toContain(NOT_THE_ID);
  });

  it("reports an unknown value that does not come from the namespace", () => {
    const stack = changed(wellFormedStack(), "group", GROUP, { envVars: unknownVariables });
    const foreign = "urn:pulumi:dev::kvshift::pulumi:pulumi:StackReference::other";
    const planted = beforeCreation(dependingOn(stack, urnOf("namespace", "page-cache"), foreign));
    expect(messages(rule.check(planted), planted)).toEqual([
      NOT_THE_ID,
      `Environment group ${GROUP}: ${JSON_VARIABLE} takes no id from namespace sessions.`,
    ]);
  });

  it("does not take a namespace for the source of a variable that only names the group", () => {
    const stack = beforeCreation(changed(wellFormedStack(), "group", GROUP, { envVars: unknownVariables }));
    const propertyDependencies = { name: [urnOf("namespace", "sessions"), urnOf("namespace", "page-cache")] };
    const resources = stack.resources.map((candidate) =>
      candidate.urn === urnOf("group", GROUP) ? { ...candidate, propertyDependencies } : candidate,
    );
    expect(rule.check({ ...stack, resources })).toHaveLength(4);
  });

  it("reports ids that nobody registered", () => {
    const stack = { ...wellFormedStack(), resources: wellFormedStack().resources.slice(1) };
    expect(rule.check(stack)).toHaveLength(4);
  });

  it.each([
    [
      "another id for a namespace",
      { sessions: { id: FOREIGN } },
      "names for sessions another id than that of its namespace",
    ],
    ["a namespace without an id", { sessions: {} }, "names for sessions another id than that of its namespace"],
    ["a namespace that this stack does not have", { foreign: { id: IDS.sessions } }, "names a foreign namespace"],
  ])("reports JSON with %s", (_, namespaces, finding) => {
    const stack = withVariable(JSON_VARIABLE, JSON.stringify(namespaces));
    expect(messages(rule.check(stack), stack)).toEqual([`Environment group ${GROUP}: ${JSON_VARIABLE} ${finding}.`]);
  });

  it.each(["{", "[]", "null", '"text"', 3])("reports %j in place of the JSON", (value) => {
    const stack = withVariable(JSON_VARIABLE, value);
    expect(rule.check(stack).map(({ message }) => message)).toEqual([
      `Environment group ${GROUP}: ${JSON_VARIABLE} is not a JSON object of namespaces.`,
    ]);
  });

  it("reports a group whose variables cannot be known", () => {
    const stack = changed(wellFormedStack(), "group", GROUP, { envVars: UNKNOWN });
    expect(messages(rule.check(stack), stack)).toEqual([
      `The variables of environment group ${GROUP} are not known before it is created.`,
    ]);
  });

  it("leaves a missing variable to the rule about completeness", () => {
    const stack = added(wellFormedStack(), resource("namespace", "orders", { id: FOREIGN }));
    expect(rule.check(stack)).toEqual([]);
  });

  describe("of a Worker", () => {
    const version = (namespaceId: PropertyValue, sources: readonly string[] = []) => ({
      ...resource("workerVersion", "gateway", {
        bindings: [{ type: "kv_namespace", name: "KV_SESSIONS", namespaceId }],
      }),
      propertyDependencies: { bindings: sources },
    });
    const FOREIGN_BINDING =
      "Worker version gateway: binding KV_SESSIONS reaches another namespace than that of its name.";
    const found = (stack: StackView) => rule.check(stack).map(({ message }) => message);

    it("holds for a binding to a namespace of this stack", () => {
      expect(found(added(wellFormedStack(), version(IDS.sessions)))).toEqual([]);
    });

    it.each([FOREIGN, null])("reports a binding to %s", (id) => {
      expect(found(added(wellFormedStack(), version(id)))).toEqual([FOREIGN_BINDING]);
    });

    it("holds before creation where the binding comes from a namespace, and reports one that does not", () => {
      const unknown = changed(wellFormedStack(), "group", GROUP, { envVars: unknownVariables });
      const own = version(UNKNOWN, [urnOf("namespace", "sessions")]);
      expect(found(added(beforeCreation(unknown), own))).toEqual([]);
      const foreign = version(UNKNOWN, ["urn:pulumi:dev::kvshift::pulumi:pulumi:StackReference::other"]);
      expect(found(added(beforeCreation(unknown), foreign))).toEqual([FOREIGN_BINDING]);
    });

    it("reports a binding to the namespace of another name, and one under a name that no namespace has", () => {
      expect(found(added(wellFormedStack(), version(IDS["page-cache"])))).toEqual([FOREIGN_BINDING]);
      const bindings = [{ type: "kv_namespace", name: "KV_ORDERS", namespaceId: IDS.sessions }];
      expect(found(added(wellFormedStack(), resource("workerVersion", "gateway", { bindings })))).toEqual([
        "Worker version gateway: binding KV_ORDERS reaches another namespace than that of its name.",
      ]);
    });

    describe("and what it is told of a namespace", () => {
      const own = { name: "sessions", id: IDS.sessions, title: "brainbot-dev-sessions", consistency: "strong" };
      const told = (text: PropertyValue, sources: readonly string[] = []) => ({
        ...resource("workerVersion", "gateway", {
          bindings: [{ type: "plain_text", name: "NAMESPACE_SESSIONS", text }],
        }),
        propertyDependencies: { bindings: sources },
      });
      const FOREIGN_DESCRIPTION =
        "Worker version gateway: binding NAMESPACE_SESSIONS describes another namespace than that of its name.";

      it("holds for what the stack writes, also before the id is known", () => {
        expect(found(added(wellFormedStack(), told(JSON.stringify(own))))).toEqual([]);
        const unknown = changed(wellFormedStack(), "group", GROUP, { envVars: unknownVariables });
        const stack = added(beforeCreation(unknown), told(UNKNOWN, [urnOf("namespace", "sessions")]));
        expect(found(stack)).toEqual([]);
      });

      it.each([
        ["the id of another one", JSON.stringify({ ...own, id: FOREIGN })],
        ["another name", JSON.stringify({ ...own, name: "page-cache" })],
        ["the title of another environment", JSON.stringify({ ...own, title: "brainbot-prod-sessions" })],
        ["no JSON", "{"],
        ["what comes from elsewhere", UNKNOWN],
      ])("reports %s", (_title, text) => {
        expect(found(added(wellFormedStack(), told(text)))).toEqual([FOREIGN_DESCRIPTION]);
      });
    });

    it("looks at no other binding", () => {
      const bindings = [{ type: "plain_text", name: "A", text: FOREIGN }];
      expect(found(added(wellFormedStack(), resource("workerVersion", "gateway", { bindings })))).toEqual([]);
      expect(found(added(wellFormedStack(), resource("workerVersion", "gateway", { bindings: UNKNOWN })))).toEqual([]);
    });
  });
});
