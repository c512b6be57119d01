import { z } from "zod";

import { PHASES, type Role, ROLES, type Slot, SLOT_STATES, SLOTS } from "../core/names.ts";
import { OUTPUTS_FORM, type SlotOutput, type StackOutputs } from "../stack/outputs.ts";
import type { Deployment } from "./deployment.ts";

type WrittenEnvironment = StackOutputs["environment"];

/** The part of the stack's outputs that flows read, in the types that the stack writes. */
export interface RecordedOutputs {
  readonly environment: Pick<WrittenEnvironment, "phase"> & {
    readonly readShare?: WrittenEnvironment["readShare"] | undefined;
  };
  readonly credentials: Readonly<
    Record<
      Role,
      {
        readonly active: Slot;
        readonly rotation?: string | undefined;
        readonly slots: Readonly<Partial<Record<Slot, Pick<SlotOutput, "epoch" | "state" | "mintedAt" | "expiresAt">>>>;
      }
    >
  >;
  readonly gateway?: Pick<NonNullable<StackOutputs["gateway"]>, "url"> | undefined;
}

const slotSchema = z.object({
  epoch: z.number(),
  state: z.enum(SLOT_STATES),
  mintedAt: z.string().optional(),
  expiresAt: z.string().optional(),
});
const outputsSchema: z.ZodType<RecordedOutputs> = z.object({
  environment: z.object({
    form: z.literal(OUTPUTS_FORM).optional(),
    phase: z.enum(PHASES),
    readShare: z.number().optional(),
  }),
  credentials: z.record(
    z.enum(ROLES),
    z.object({
      active: z.enum(SLOTS),
      rotation: z.string().optional(),
      slots: z.partialRecord(z.enum(SLOTS), slotSchema),
    }),
  ),
  gateway: z.object({ url: z.string() }).optional(),
});

/** What the last run that ended well said of the environment; `undefined` where there was none, or it cannot be read. */
export function readStackOutputs({ stack }: Pick<Deployment, "stack">): RecordedOutputs | undefined {
  return outputsSchema.safeParse(stack?.outputs).data;
}

/** The outputs that are there and cannot be read, by their names; none where nothing was ever provisioned. */
export function unreadableOutputs({ stack }: Pick<Deployment, "stack">): readonly string[] {
  if (Object.keys(stack?.outputs ?? {}).length === 0) return [];
  const { error } = outputsSchema.safeParse(stack?.outputs);
  return [...new Set((error?.issues ?? []).map(({ path }) => path.join(".")))];
}
