import { z } from "zod";

import { KV_LIMITS } from "../core/limits.ts";
import { type Access, type EnvironmentKind, PHASES } from "../core/names.ts";
import { Secret } from "../core/secret.ts";
import * as format from "./formats.ts";
import { noted } from "./key-notes.ts";
import { namespace } from "./namespace-schema.ts";
import { role } from "./role-schema.ts";

const KINDS = ["development", "production", "preview"] as const satisfies readonly EnvironmentKind[];
const ACCESSES = ["rest", "gateway"] as const satisfies readonly Access[];
/** https://developers.cloudflare.com/durable-objects/reference/data-location/#provide-a-location-hint */
const LOCATION_HINTS = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"] as const;

const encryptedSecret = z.strictObject({ secure: z.string().min(1) });
/** A value as Pulumi keeps it in the file: https://www.pulumi.com/docs/iac/concepts/secrets/ */
export type EncryptedSecret = z.infer<typeof encryptedSecret>;

const cloudflareId = (meaning: string, fix: string, fallback?: string) =>
  noted(z.string().regex(format.CLOUDFLARE_ID), {
    meaning,
    expected: "32 lower-case hexadecimal digits, in quotes",
    example: '"0d3ad0c0ffee4b1da0d3ad0c0ffee4b1"',
    fix,
    quoted: true,
    shows: "length",
    ...(fallback === undefined ? {} : { fallback }),
  });

const renderId = (pattern: RegExp, prefixes: readonly [string, ...string[]], meaning: string, fallback?: string) =>
  noted(z.string().regex(pattern), {
    meaning,
    expected: `${prefixes.join(" or ")} and 20 lower-case letters or digits`,
    example: `${prefixes[0]}d0000000000000000001`,
    fix: `copy the id that starts with ${prefixes.join(" or ")} from the address bar of Render's dashboard`,
    ...(fallback === undefined ? {} : { fallback }),
  });

/** Everything that a `Pulumi.<environment>.yaml` says under `kvshift:`. Rules across keys are in checks.ts. */
export const environmentSchema = z.strictObject({
  kind: noted(z.enum(KINDS), {
    meaning: "How much the environment is protected. Previews are named `pr-<number>`.",
    expected: "development, production or preview",
    example: "development",
  }),
  promotedFrom: noted(z.enum(["development"]), {
    meaning:
      "What a production environment was before: a provisioned environment changes its kind only where this says so, and never back.",
    expected: "development",
    example: "development",
    fallback: "the environment was made as what it is",
  }).optional(),
  app: noted(z.string().regex(format.NAME), {
    meaning: "The application; a part of the name of everything that is created.",
    expected: "lower-case letters, digits and dashes, a letter first",
    example: "brainbot",
  }),
  access: noted(z.enum(ACCESSES), {
    meaning:
      "How the application reaches KV: through the environment's own Worker (`gateway`), or Cloudflare's REST API with an account token (`rest`).",
    expected: "gateway or rest",
    example: "rest",
  }),
  phase: noted(z.enum(PHASES), {
    meaning: "The step of the migration: Redis serves, both are written, KV serves.",
    expected: "redis, dual or kv",
    example: "kv",
  }),
  readShare: noted(z.int().min(0).max(100), {
    meaning: "Percent of keys that are read from KV. Only in phase `dual`.",
    expected: "a whole number from 0 to 100",
    example: "0",
    fallback: "0 in `dual`",
  }).optional(),
  cloudflare: noted(
    z.strictObject({
      accountId: cloudflareId(
        "The account that holds the namespaces, and the tokens or the gateway.",
        "copy the account id from Cloudflare's dashboard and quote it",
      ),
      workersSubdomain: noted(z.string().regex(format.DNS_LABEL), {
        meaning: "The account's name under workers.dev. The gateway is there where it has no hostname.",
        expected: "one DNS label in lower case",
        example: "brainbot",
        fallback: "none",
      }).optional(),
      hostname: noted(z.string().refine(format.isDnsName), {
        meaning: "The host name of the gateway, in the zone of zoneId; it is not on workers.dev then.",
        expected: "a DNS name in lower case",
        example: "kv.example.com",
        fallback: "none",
      }).optional(),
      zoneId: cloudflareId(
        "The zone of hostname.",
        "copy the zone id from the zone's overview at Cloudflare and quote it",
        "none",
      ).optional(),
      locationHint: noted(z.enum(LOCATION_HINTS), {
        meaning:
          "Where Cloudflare places the objects of strong namespaces when they are first used. Existing ones do not move.",
        expected: LOCATION_HINTS.join(", "),
        example: "weur",
        fallback: "near the first request",
      }).optional(),
    }),
    {
      meaning: "Where the data is.",
      expected: "a mapping with accountId",
      example: '{ accountId: "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1" }',
    },
  ),
  namespaces: noted(z.record(z.string(), namespace), {
    meaning: `The namespaces, 1 to ${String(KV_LIMITS.MAX_NAMESPACES_PER_ACCOUNT)}, by name.`,
    expected: "a mapping of names to namespaces",
    example: "{ cache: { consistency: eventual, defaultTtlSeconds: 3600 } }",
  }),
  render: noted(
    z.strictObject({
      ownerId: renderId(format.RENDER_WORKSPACE_ID, ["tea-", "usr-"], "The workspace of the services."),
      services: noted(
        z.array(renderId(format.RENDER_SERVICE_ID, ["srv-", "crn-"], "One service, or a cron job.")).min(1),
        {
          meaning: "The services that get the variables.",
          expected: "a list of at least one service id",
          example: "[srv-d0000000000000000001]",
        },
      ),
      environmentId: renderId(
        format.RENDER_ENVIRONMENT_ID,
        ["evm-"],
        "The environment of a Render project that the group belongs to.",
        "none",
      ).optional(),
    }),
    {
      meaning: "Who reads the data.",
      expected: "a mapping with ownerId and services",
      example: "{ ownerId: tea-d0000000000000000001, services: [srv-d0000000000000000001] }",
    },
  ),
  credentials: noted(
    z.strictObject({
      application: role("What the services hold."),
      operator: role("For bulk work, evidence and migration; never handed to a service."),
    }),
    {
      meaning: "The credentials, by role. Flows write here; the program never computes a date.",
      expected: "a mapping with both roles, application and operator",
      example: "{ application: …, operator: … }",
    },
  ),
  rotation: noted(
    z.strictObject({
      everyDays: noted(z.int().min(1).max(3650), {
        meaning: "A credential is due for rotation when it is this old.",
        expected: "a whole number of days, 1 to 3650",
        example: "90",
      }),
      marginDays: noted(z.int().min(1).max(365), {
        meaning: "A new credential expires this long after its next rotation is due: a dead-man switch.",
        expected: "a whole number of days, 1 to 365",
        example: "30",
        fallback: "30",
      }).optional(),
    }),
    {
      meaning: "How often credentials are rotated.",
      expected: "a mapping with everyDays",
      example: "{ everyDays: 90, marginDays: 30 }",
      fallback: "nothing is due; a new credential lasts as long as the one before it was to last",
    },
  ).optional(),
  audit: noted(
    z.strictObject({
      file: noted(z.string().min(1), {
        meaning: "The audit log of the environment; a relative path counts from the project's folder.",
        expected: "a path",
        example: "audit/prod.ndjson",
        fallback: "audit/<environment>.ndjson; on the local cloud beside its state",
      }).optional(),
      publicKey: noted(z.string().refine(format.isPublicKey), {
        meaning:
          "The public Ed25519 key that signatures of the log are checked with. In production nothing is changed without the private one in KVSHIFT_AUDIT_KEY.",
        expected: "an Ed25519 key, SPKI in base64",
        example: "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        fix: "write what `openssl pkey -in <private key> -pubout -outform DER | base64` prints",
        fallback: "records are not signed",
      }).optional(),
    }),
    { meaning: "The audit log.", expected: "a mapping", example: "{ file: audit/prod.ndjson }", fallback: "as below" },
  ).optional(),
  upstash: noted(
    z.strictObject({
      restUrl: noted(z.string().refine(format.isPlainHttpsUrl), {
        meaning: "The REST address of the database.",
        expected: "an https URL without user, password and query",
        example: "https://example-12345.upstash.io",
        fix: "copy UPSTASH_REDIS_REST_URL from Upstash's console, without any token in it",
        shows: "kind",
      }),
      restToken: noted(z.union([encryptedSecret, z.instanceof(Secret)]), {
        meaning: "The REST token of the database, encrypted by Pulumi.",
        expected: "an encrypted value, { secure: … }",
        example: "{ secure: v1:… }",
        fix: "run `kvshift secret set`, which asks for the token; replace a token that stood here in clear",
        shows: "kind",
      }),
    }),
    {
      meaning: "The database that is left behind. Required in phases `redis` and `dual`, allowed until `retire`.",
      expected: "a mapping with restUrl and restToken",
      example: "{ restUrl: https://example-12345.upstash.io, restToken: { secure: v1:… } }",
      fallback: "none, in phase `kv`",
      shows: "kind",
    },
  ).optional(),
});

/** A configuration that was checked: nothing later looks at its form again. */
export type EnvironmentConfig = z.infer<typeof environmentSchema>;
