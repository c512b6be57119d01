import { createHash } from "node:crypto";

import { z } from "zod";

/** What stands before the first record. */
export const NO_RECORD = "0".repeat(64);

const actorSchema = z.object({
  /** `ci`: the subject of its OIDC token; `operator`: a person at a machine, by their own word. */
  kind: z.enum(["ci", "operator"]),
  name: z.string(),
  machine: z.string(),
});

const recordSchema = z.object({
  /** Counts from 1. */
  sequence: z.int().min(1),
  /** RFC 3339, by the clock of the machine that wrote it. */
  time: z.string(),
  /** SHA-256 of the whole line before, in hexadecimal; zeros for the first one. */
  previous: z.string(),
  /** One run of one command; an intent and its outcome have the same. */
  run: z.string(),
  environment: z.string(),
  /** `up`, `destroy`, `rotate`, …, or `audit` for what the log says of itself. */
  flow: z.string(),
  step: z.string().optional(),
  /**
   * `intent`: before an effect. `outcome`: after it. `evidence`: what was seen and decided by. `repair`: a torn line
   * before this one, left by a crash.
   */
  kind: z.enum(["intent", "outcome", "evidence", "repair"]),
  /** Of an outcome. */
  outcome: z.enum(["done", "failed"]).optional(),
  roles: z.array(z.string()).optional(),
  by: actorSchema,
  /** Of the project's checkout; absent where it is none. `+` at the end: with changes that are not committed. */
  commit: z.string().optional(),
  versions: z.record(z.string(), z.string()),
  durationMs: z.number().optional(),
  /** Ids, counts, names and findings: never a value of a secret. */
  details: z.record(z.string(), z.unknown()).optional(),
});

export type AuditRecord = z.infer<typeof recordSchema>;
export type Actor = z.infer<typeof actorSchema>;

/** Where a chain ends. */
export interface Head {
  readonly sequence: number;
  /** SHA-256 of the whole last line, in hexadecimal. */
  readonly hash: string;
}

/** A line that is what was written. */
export interface ReadLine {
  readonly record: AuditRecord;
  /** Of the record without its signature, in hexadecimal. */
  readonly hash: string;
  readonly signature: string | undefined;
}

/** Signs the hash of a record; returns base64. */
export type Sign = (hash: string) => string;

const LINE = /^(\{.*),"hash":"([0-9a-f]{64})"(?:,"signature":"([A-Za-z0-9+/=]+)")?\}$/s;

/** One line of the log, without the line end. The hash covers everything before it, byte for byte. */
export function lineOf(record: AuditRecord, sign: Sign | undefined): string {
  const body = JSON.stringify(record);
  const hash = sha256(body);
  const signature = sign === undefined ? "" : `,"signature":"${sign(hash)}"`;
  return `${body.slice(0, -1)},"hash":"${hash}"${signature}}`;
}

/** Reads a line back; `undefined` where it is not exactly what was written. */
export function readLine(line: string): ReadLine | undefined {
  const [, start, hash, signature] = LINE.exec(line) ?? [];
  if (start === undefined || hash === undefined) return undefined;
  const body = `${start}}`;
  if (sha256(body) !== hash) return undefined;
  const record = recordSchema.safeParse(parsed(body)).data;
  return record === undefined ? undefined : { record, hash, signature };
}

/** The head of a chain that ends with `line`. */
export function headOf(line: string, sequence: number): Head {
  return { sequence, hash: sha256(line) };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** As a stack tag holds it. */
export function formatHead({ sequence, hash }: Head): string {
  return `${String(sequence)} ${hash}`;
}

/** `undefined` where the text is no head. */
export function parseHead(text: string): Head | undefined {
  const [, sequence = "", hash = ""] = /^(\d{1,15}) ([0-9a-f]{64})$/.exec(text) ?? [];
  return hash === "" ? undefined : { sequence: Number(sequence), hash };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
