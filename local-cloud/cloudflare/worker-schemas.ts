import { z } from "zod";

const MAX_NAME_CHARACTERS = 255;
const HEAD_SAMPLING_RATE = z.number().min(0).max(1).default(1);

const traces = z
  .object({
    enabled: z.boolean().default(false),
    head_sampling_rate: HEAD_SAMPLING_RATE,
    persist: z.boolean().default(true),
    destinations: z.array(z.string()).default([]),
  })
  .prefault({});

const observability = z
  .object({
    enabled: z.boolean().default(false),
    head_sampling_rate: HEAD_SAMPLING_RATE,
    logs: z
      .object({
        enabled: z.boolean().default(false),
        head_sampling_rate: HEAD_SAMPLING_RATE,
        invocation_logs: z.boolean().default(true),
        persist: z.boolean().default(true),
        destinations: z.array(z.string()).default([]),
      })
      .prefault({}),
    traces,
  })
  .prefault({});

/** Body of create and update: https://developers.cloudflare.com/api/resources/workers/subresources/beta/ */
export const workerSchema = z.object({
  name: z
    .string()
    .max(MAX_NAME_CHARACTERS)
    .regex(/^[a-z0-9_][a-z0-9_-]*$/i, "is no name of a Worker"),
  logpush: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
  observability,
  subdomain: z
    .object({ enabled: z.boolean().default(false), previews_enabled: z.boolean().default(false) })
    .prefault({}),
  tail_consumers: z.array(z.looseObject({ name: z.string() })).default([]),
});
export type WorkerSettings = z.output<typeof workerSchema>;

const uploadedModule = z.object({
  name: z.string().min(1),
  content_type: z.string().min(1),
  content_base64: z.base64(),
});

/** Body of a new version. Fields that the emulator has no use for are kept and answered as they came. */
export const versionSchema = z
  .looseObject({
    main_module: z.string().optional(),
    compatibility_date: z.iso.date().optional(),
    compatibility_flags: z.array(z.string()).default([]),
    usage_model: z.enum(["standard", "bundled", "unbound"]).default("standard"),
    modules: z.array(uploadedModule).default([]),
    bindings: z.array(z.looseObject({ name: z.string().min(1), type: z.string().min(1) })).default([]),
    annotations: z.record(z.string(), z.string()).default({}),
    migrations: z
      .looseObject({
        old_tag: z.string().optional(),
        new_tag: z.string().optional(),
        new_sqlite_classes: z.array(z.string()).optional(),
      })
      .optional(),
    exports: z.record(z.string(), z.looseObject({ type: z.string(), storage: z.string().optional() })).optional(),
  })
  .refine(({ main_module: main, modules }) => main === undefined || modules.some(({ name }) => name === main), {
    path: ["main_module"],
    message: "is not among the modules",
  })
  .refine(({ migrations, exports }) => migrations === undefined || exports === undefined, {
    path: ["exports"],
    message: "cannot stand together with migrations",
  });
export type VersionInput = z.output<typeof versionSchema>;

/** Durable Object classes that a version declares with SQLite storage, by either way to declare them. */
export function sqliteClassesOf({ exports = {}, migrations }: VersionInput): string[] {
  const exported = Object.entries(exports).filter(
    ([, { type, storage }]) => type === "durable-object" && storage === "sqlite",
  );
  return [...exported.map(([name]) => name), ...(migrations?.new_sqlite_classes ?? [])];
}

/** Body of a new deployment. */
export const deploymentSchema = z.object({
  strategy: z.literal("percentage"),
  versions: z
    .array(z.object({ version_id: z.string(), percentage: z.number().positive().max(100) }))
    .min(1)
    .max(2)
    .refine((versions) => versions.reduce((sum, { percentage }) => sum + percentage, 0) === 100, "must sum up to 100"),
  annotations: z.record(z.string(), z.string()).default({}),
});
export type DeploymentInput = z.output<typeof deploymentSchema>;
