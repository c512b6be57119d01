import { z } from "zod";

import { type Phase, PHASES, type Role, ROLES, type Slot, SLOTS, type SlotState } from "../core/names.ts";
import { nameOfUrn } from "../core/urn.ts";
import { RESOURCE_TYPES } from "../policy/model.ts";

/** What the state says of one slot. `epoch`: the highest that was ever live or draining. */
export interface RecordedSlot {
  readonly epoch: number;
  readonly state: SlotState;
  /** The last good run left a credential here, and it exists no more: its secret is lost. */
  readonly lost?: true;
}

/** What was provisioned, as far as the guards need it. Absent parts were never recorded. */
export interface Recorded {
  readonly phase: Phase | undefined;
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
          outputs: z.unknown().optional(),
          delete: z.boolean().optional(),
        }),
      )
      .nullish(),
  }),
});

const CREDENTIAL_TYPES: ReadonlySet<string> = new Set([RESOURCE_TYPES.accountToken]);
const CREDENTIAL_NAME = /^(application|operator)-([ab])(\d+)$/;

/**
 * Reads an exported state. A credential that exists counts, whatever the outputs say: they are from the last run
 * that ended well, the resources from the last step of any run.
 */
export function readRecorded(exported: unknown): Recorded {
  const resources = stateSchema.parse(exported).deployment.resources ?? [];
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const outputs = outputsSchema.safeParse(stack?.outputs).data;
  const live = new Map<string, number>();
  for (const { type, urn } of resources.filter((resource) => CREDENTIAL_TYPES.has(resource.type) && !resource.delete)) {
    const match = CREDENTIAL_NAME.exec(nameOfUrn(urn));
    if (!match || !type) continue;
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
    slots: bothRoles((role) => ({ a: slotOf(role, "a"), b: slotOf(role, "b") })),
  };
}

function bothRoles<T>(make: (role: Role) => T): Record<Role, T> {
  return { application: make("application"), operator: make("operator") };
}
