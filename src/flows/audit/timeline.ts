import { z } from "zod";

import type { AuditRecord } from "../../audit/record.ts";
import { ROLES, type Role } from "../../core/names.ts";

type Use = "live" | "handed out" | "draining" | "suspended";

interface Segment {
  readonly use: Use;
  readonly from: number;
  to: number;
}

interface Lane {
  readonly id: string;
  readonly role: Role;
  readonly segments: Segment[];
}

interface Mark {
  readonly at: number;
  readonly text: string;
  /** The credential that it is about; absent: everything. */
  readonly credential?: string;
}

/** What a timeline shows, in milliseconds since the epoch. */
export interface Timeline {
  readonly from: number;
  readonly to: number;
  readonly lanes: readonly Lane[];
  readonly deploys: readonly Mark[];
  /** Last uses and refusals, as evidence names them. */
  readonly seen: readonly Mark[];
}

const stagesSchema = z.object({
  credentials: z.array(z.object({ role: z.enum(ROLES), old: z.string(), next: z.string() })),
});
const statesSchema = z.object({
  credentials: z.partialRecord(z.enum(ROLES), z.record(z.string(), z.string())),
});
const deployedSchema = z.object({ deployed: z.array(z.object({ name: z.string() })) });
const quietSchema = z.object({
  evidence: z.object({ answers: z.array(z.object({ credential: z.string(), lastUsedAt: z.number().optional() })) }),
});
const refusedSchema = z.object({ refused: z.array(z.object({ credential: z.string(), client: z.string() })) });

/** Reads what happened to credentials out of the log. Pure. */
export function timelineOf(records: readonly AuditRecord[]): Timeline {
  const times = records.map(({ time }) => Date.parse(time));
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const lanes = new Map<string, Lane>();
  const set = (role: Role, id: string, use: Use | undefined, at: number): void => {
    const lane = lanes.get(id) ?? { id, role, segments: [] };
    lanes.set(id, lane);
    const last = lane.segments.at(-1);
    if (last !== undefined && last.to === Infinity) {
      if (last.use === use) return;
      last.to = at;
    }
    if (use !== undefined) lane.segments.push({ use, from: at, to: Infinity });
  };
  for (const record of records.filter(({ outcome }) => outcome === "done")) {
    const at = Date.parse(record.time);
    if (record.flow === "rotate") followStep(record, at, from, set);
    else followStates(record, at, set);
  }
  for (const { segments } of lanes.values()) for (const one of segments) one.to = Math.min(one.to, to);
  return {
    from,
    to,
    lanes: [...lanes.values()].toSorted((one, other) => ROLES.indexOf(one.role) - ROLES.indexOf(other.role)),
    deploys: records.flatMap(deployMarks),
    seen: records.flatMap(seenMarks),
  };
}

type Set = (role: Role, id: string, use: Use | undefined, at: number) => void;

/** What the old and the next credential are after a step. */
const AFTER: Readonly<Record<string, readonly [old: Use | undefined, next: Use]>> = {
  mint: ["handed out", "live"],
  distribute: ["draining", "handed out"],
  suspend: ["suspended", "handed out"],
  resume: ["draining", "handed out"],
  revoke: [undefined, "handed out"],
  abort: ["handed out", "draining"],
};

function followStep({ step = "", details }: AuditRecord, at: number, from: number, set: Set): void {
  const after = AFTER[step];
  const { credentials = [] } = stagesSchema.safeParse(details).data ?? {};
  if (after === undefined) return;
  for (const { role, old, next } of credentials) {
    // What is replaced was handed out before anything of its rotation was recorded.
    set(role, old, after[0], step === "mint" ? from : at);
    set(role, next, after[1], at);
  }
}

function followStates({ details }: AuditRecord, at: number, set: Set): void {
  const { credentials = {} } = statesSchema.safeParse(details).data ?? {};
  for (const role of ROLES) {
    const { active, ...states } = credentials[role] ?? {};
    for (const [id, state] of Object.entries(states)) {
      const use = state === "live" ? (id === active ? "handed out" : "live") : state;
      if (isUse(use)) set(role, id, use, at);
    }
  }
}

const USES: readonly Use[] = ["live", "handed out", "draining", "suspended"];

function isUse(text: string): text is Use {
  return USES.some((use) => use === text);
}

function deployMarks({ time, details }: AuditRecord): Mark[] {
  const { deployed = [] } = deployedSchema.safeParse(details).data ?? {};
  return deployed.map(({ name }) => ({ at: Date.parse(time), text: `${name} live` }));
}

function seenMarks({ time, details }: AuditRecord): Mark[] {
  const quiet = quietSchema.safeParse(details).data?.evidence.answers ?? [];
  const refused = refusedSchema.safeParse(details).data?.refused ?? [];
  return [
    ...quiet.flatMap(({ credential, lastUsedAt }) =>
      lastUsedAt === undefined ? [] : [{ at: lastUsedAt, text: "last use", credential }],
    ),
    ...refused.map(({ credential, client }) => ({ at: Date.parse(time), text: `refused: ${client}`, credential })),
  ];
}

/** The part of a log that its last rotation wrote; all of it, where there was none. Pure. */
export function lastRotation(records: readonly AuditRecord[]): readonly AuditRecord[] {
  const start = records.findLastIndex(
    ({ flow, step, kind }) => flow === "rotate" && step === "mint" && kind === "intent",
  );
  return start === -1 ? records : records.slice(Math.max(0, start - 1));
}
