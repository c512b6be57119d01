import { z } from "zod";

import {
  type Access,
  type Consistency,
  type Phase,
  PHASES,
  type Role,
  ROLES,
  type Slot,
  SLOTS,
  type SlotState,
} from "../core/names.ts";
import { nameOfUrn, STACK_TYPE } from "../core/urn.ts";
import { RESOURCE_TYPES } from "../policy/model.ts";
import { COMPONENT_TYPES } from "../stack/types.ts";

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
}

const slotSchema = z.object({ epoch: z.number(), state: z.enum(["live", "draining", "empty"]) });
const outputsSchema = z.object({
  environment: z.object({ phase: z.enum(PHASES) }),
  credentials: z.record(z.enum(ROLES), z.object({ slots: z.record(z.enum(SLOTS), slotSchema) })),
});
const stateSchema = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          inputs: z.unknown().optional(),
          outputs: z.unknown().optional(),
          delete: z.boolean().optional(),
        }),
      )
      .nullish(),
  }),
});

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
const CREDENTIAL_NAME = /^(application|operator)-([ab])(\d+)$/;

/**
 * Reads an exported state. A credential that exists counts, whatever the outputs say: they are from the last run
 * that ended well, the resources from the last step of any run.
 */
export function readRecorded(exported: unknown): Recorded {
  const resources = stateSchema.parse(exported).deployment.resources ?? [];
  const stack = resources.find(({ type }) => type === STACK_TYPE);
  const outputs = outputsSchema.safeParse(stack?.outputs).data;
  const live = new Map<string, number>();
  const access = new Set<Access>();
  for (const { type, urn } of resources.filter((resource) => !resource.delete)) {
    const match = CREDENTIAL_NAME.exec(nameOfUrn(urn));
    const minted = CREDENTIAL_TYPES.get(type);
    if (!match || minted === undefined) continue;
    access.add(minted);
    const key = `${match[1] ?? ""}-${match[2] ?? ""}`;
    live.set(key, Math.max(live.get(key) ?? 0, Number(match[3])));
  }
  const slotOf = (role: Role, slot: Slot): RecordedSlot | undefined => {
    const output = outputs?.credentials[role].slots[slot];
    const epoch = live.get(`${role}-${slot}`);
    if (epoch === undefined) {
      return output && { epoch: output.epoch, state: "empty", ...(output.state === "empty" ? {} : { lost: true }) };
    }
    // A credential of another epoch than the outputs name was minted by a run that broke off: it counts as live. One
    // of the same epoch in an empty slot was draining: the run that was to delete it broke off.
    return { epoch, state: output?.epoch === epoch && output.state !== "live" ? "draining" : "live" };
  };
  return {
    phase: outputs?.environment.phase,
    access: [...access],
    namespaces: namespacesOf(resources.find(({ type }) => type === COMPONENT_TYPES.namespaces)?.inputs),
    slots: bothRoles((role) => ({ a: slotOf(role, "a"), b: slotOf(role, "b") })),
  };
}

function namespacesOf(inputs: unknown): Recorded["namespaces"] {
  const { consistency = {}, shards = {} } = namespacesSchema.safeParse(inputs).data ?? {};
  const entries = Object.entries(consistency).map(([name, its]) => {
    const count = shards[name];
    return [name, { consistency: its, ...(count === undefined ? {} : { shards: count }) }] as const;
  });
  return Object.fromEntries(entries);
}

function bothRoles<T>(make: (role: Role) => T): Record<Role, T> {
  return { application: make("application"), operator: make("operator") };
}
