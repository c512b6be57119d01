import { z } from "zod";

import {
  type Access,
  type Consistency,
  credentialOfName,
  type Phase,
  type Role,
  type Slot,
  type SlotState,
} from "../core/names.ts";
import { COMPONENT_TYPES, RESOURCE_TYPES } from "../stack/types.ts";
import type { Deployment } from "./deployment.ts";
import { readStackOutputs, unreadableOutputs } from "./stack-outputs.ts";

/** What the state says of one slot. `epoch`: the highest that was ever live or draining. */
export interface RecordedSlot {
  readonly epoch: number;
  readonly state: SlotState;
  /** The last good run left a credential here, and it exists no more: its secret is lost. */
  readonly lost?: true;
}

/** What is settled of a namespace with its first run. */
export interface RecordedNamespace {
  readonly consistency: Consistency;
  /** Only of strong ones. */
  readonly shards?: number;
}

/** What was provisioned, as far as the guards need it. Absent parts were never recorded. */
export interface Recorded {
  readonly phase: Phase | undefined;
  /** Under which access the credentials that exist were minted. */
  readonly access: readonly Access[];
  readonly namespaces: Readonly<Record<string, RecordedNamespace>>;
  readonly slots: Readonly<Record<Role, Readonly<Record<Slot, RecordedSlot | undefined>>>>;
  /** What was recorded in another form than this version reads: nothing is known of it. */
  readonly unreadable: readonly string[];
}

/** What the component of the namespaces says of itself. */
const namespacesSchema = z.object({
  consistency: z.record(z.string(), z.enum(["eventual", "strong"])),
  shards: z.record(z.string(), z.number()).optional(),
});

/** A credential is a resource of its access: a token at Cloudflare, or a password that only the gateway knows. */
const CREDENTIAL_TYPES: ReadonlyMap<string, Access> = new Map([
  [RESOURCE_TYPES.accountToken, "rest"],
  [RESOURCE_TYPES.randomPassword, "gateway"],
]);

/**
 * Reads a recorded state. A credential that exists counts, whatever the outputs say: they are from the last run
 * that ended well, the resources from the last step of any run.
 */
export function readRecorded(state: Deployment): Recorded {
  const { resources } = state;
  const outputs = readStackOutputs(state);
  const live = new Map<string, number>();
  const access = new Set<Access>();
  for (const { type, name } of resources.filter(({ isReplaced }) => !isReplaced)) {
    const credential = credentialOfName(name);
    const minted = CREDENTIAL_TYPES.get(type);
    if (!credential || minted === undefined) continue;
    access.add(minted);
    const key = `${credential.role}-${credential.slot}`;
    live.set(key, Math.max(live.get(key) ?? 0, credential.epoch));
  }
  const slotOf = (role: Role, slot: Slot): RecordedSlot | undefined => {
    const output = outputs?.credentials[role].slots[slot];
    const epoch = live.get(`${role}-${slot}`);
    if (epoch === undefined) {
      return output && { epoch: output.epoch, state: "empty", ...(output.state === "empty" ? {} : { lost: true }) };
    }
    // A credential of another epoch than the outputs name was minted by a run that broke off: it counts as live.
    if (output?.epoch !== epoch) return { epoch, state: "live" };
    // One of the same epoch in an empty slot was on its way out: the run that was to delete it broke off.
    return { epoch, state: output.state === "empty" ? "draining" : output.state };
  };
  const component = resources.find(({ type }) => type === COMPONENT_TYPES.namespaces);
  const namespaces = component === undefined ? NO_NAMESPACES : namespacesSchema.safeParse(component.inputs).data;
  return {
    phase: outputs?.environment.phase,
    access: [...access],
    namespaces: namespacesOf(namespaces ?? NO_NAMESPACES),
    slots: bothRoles((role) => ({ a: slotOf(role, "a"), b: slotOf(role, "b") })),
    unreadable: [
      ...unreadableOutputs(state).map((name) => `output ${name}`),
      ...(namespaces === undefined ? ["the component of the namespaces"] : []),
    ],
  };
}

const NO_NAMESPACES = { consistency: {} };

function namespacesOf({ consistency, shards = {} }: z.infer<typeof namespacesSchema>): Recorded["namespaces"] {
  const entries = Object.entries(consistency).map(([name, its]) => {
    const count = shards[name];
    return [name, { consistency: its, ...(count === undefined ? {} : { shards: count }) }] as const;
  });
  return Object.fromEntries(entries);
}

function bothRoles<T>(make: (role: Role) => T): Record<Role, T> {
  return { application: make("application"), operator: make("operator") };
}
