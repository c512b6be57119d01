import { Secret } from "../../src/core/secret.ts";
import type { StateFacts, StateResource, StateView } from "../../src/policy/state.ts";
import { COMPONENT_TYPES, RESOURCE_TYPES, STACK_TYPE } from "../../src/stack/types.ts";
import type { PropertyMap } from "../../src/state/properties.ts";

const TYPES = { ...RESOURCE_TYPES, ...COMPONENT_TYPES, stack: STACK_TYPE } as const;
export type RecordedType = keyof typeof TYPES;

/** A credential of the stack: obviously none of anything. */
export const CREDENTIAL = `value-${"x".repeat(24)}`;

/** As the engine stores a secret. */
export const ENCRYPTED = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:fake:fake",
} as const;
/** As `--show-secrets` exports one. */
export const DECRYPTED = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(CREDENTIAL),
} as const;

export function recorded(type: RecordedType, name: string, changes: Partial<StateResource> = {}): StateResource {
  return {
    type: TYPES[type],
    name,
    urn: urnOf(type, name),
    id: "id-of-the-vendor",
    protect: false,
    retainOnDelete: false,
    isCurrent: true,
    inputs: {},
    outputs: {},
    ...changes,
  };
}

export function urnOf(type: RecordedType, name: string): string {
  return `urn:pulumi:dev::kvshift::${TYPES[type]}::${name}`;
}

const slot = { epoch: 0, state: "empty" } as const;
const live = { epoch: 1, state: "live" } as const;

/** Both roles live in slot a. */
export const CONFIG: StateFacts["config"] = {
  kind: "production",
  credentials: {
    application: { active: "a", slots: { a: live, b: slot } },
    operator: { active: "a", slots: { a: live, b: slot } },
  },
};

/** A state in which every rule holds, followed by `resources`. */
export function stateWith(...resources: readonly StateResource[]): StateView {
  return { config: CONFIG, secrets: [new Secret(CREDENTIAL)], resources: [...wellFormed(), ...resources] };
}

/** The state with the resource `name` of `type` changed. */
export function stateChanging(type: RecordedType, name: string, changes: Partial<StateResource>): StateView {
  const state = stateWith();
  const urn = urnOf(type, name);
  if (!state.resources.some((resource) => resource.urn === urn)) throw new Error(`the state has no ${type} ${name}`);
  const resources = state.resources.map((resource) => (resource.urn === urn ? { ...resource, ...changes } : resource));
  return { ...state, resources };
}

function wellFormed(): readonly StateResource[] {
  const kept = { protect: true, retainOnDelete: true };
  const envVars: PropertyMap = {
    CLOUDFLARE_KV_API_TOKEN: { value: ENCRYPTED },
    UPSTASH_REDIS_REST_TOKEN: { value: ENCRYPTED, generateValue: false },
  };
  return [
    recorded("stack", "kvshift-dev", {
      outputs: { environment: { name: "dev", readShare: 100 }, secretVariables: ENCRYPTED },
    }),
    recorded("namespaces", "dev", { outputs: { ids: { sessions: "1".repeat(32) } } }),
    recorded("namespace", "sessions", { ...kept, inputs: { title: "brainbot-dev-sessions" } }),
    recorded("worker", "gateway", kept),
    recorded("workerVersion", "gateway", {
      inputs: {
        bindings: [
          { type: "secret_text", name: "KEY", text: ENCRYPTED },
          { type: "plain_text", text: "hi" },
        ],
      },
    }),
    ...["application-a1", "operator-a1"].map((name) =>
      recorded("accountToken", name, { protect: true, outputs: { name: `brainbot-dev-${name}`, value: ENCRYPTED } }),
    ),
    recorded("randomPassword", "salt", { id: "none", outputs: { result: ENCRYPTED, length: 32 } }),
    recorded("group", "cloudflare-kv", { inputs: { envVars }, outputs: { envVars: ENCRYPTED } }),
  ];
}
