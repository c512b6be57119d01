import type { AuditRecord } from "../../audit/record.ts";
import type { CloudflareAuditEvent } from "../../vendors/cloudflare.ts";

/** A change at Cloudflare that no record explains. */
export interface Unexplained {
  readonly time: string;
  readonly method: string;
  readonly uri: string;
  /** What it was about, where Cloudflare says so. */
  readonly name?: string;
  /** Who, as Cloudflare says. */
  readonly actor: string;
}

/** A record of a change of which Cloudflare has nothing. */
export interface Unknown {
  readonly sequence: number;
  readonly time: string;
  readonly flow: string;
  readonly step?: string;
}

export interface Comparison {
  readonly explained: number;
  readonly unexplained: readonly Unexplained[];
  readonly unknown: readonly Unknown[];
}

export interface ComparedEnvironment {
  /** What begins the names of its tokens and of its Worker: `<app>-<environment>-`. */
  readonly stem: string;
  /** Ids of what it has now at Cloudflare. */
  readonly ids: ReadonlySet<string>;
}

/** Clocks differ, and a change is logged when it has ended. */
const TOLERANCE_MS = 60_000;
const COMPARED = /\/(?:tokens|workers\/(?:workers|scripts))(?:\/([^/?]+))?/;

/**
 * Compares the log with Cloudflare's own one: changes of the environment's tokens and Worker that lie in no recorded
 * effect, and recorded effects that changed tokens or the Worker of which Cloudflare knows nothing. Events of other
 * environments of the account, told by their names, are left out. Pure.
 */
export function compareWithCloudflare(
  records: readonly AuditRecord[],
  events: readonly CloudflareAuditEvent[],
  environment: ComparedEnvironment,
): Comparison {
  const effects = effectsOf(records);
  const own = ownEvents(events, environment);
  const explained = own.filter((event) => effects.some((effect) => covers(effect, event)));
  const unexplained = own.filter((event) => !explained.includes(event)).map(describe);
  const unknown = effects
    .filter((effect) => effect.changesVendor && !own.some((event) => covers(effect, event)))
    .map(({ sequence, time, flow, step }) => ({ sequence, time, flow, ...(step === undefined ? {} : { step }) }));
  return { explained: explained.length, unexplained, unknown };
}

interface Effect extends Unknown {
  readonly from: number;
  readonly to: number;
  readonly changesVendor: boolean;
}

/** Each intent with its outcome; one without lasts until the next record of the log, which a later run wrote. */
function effectsOf(records: readonly AuditRecord[]): Effect[] {
  return records.flatMap((record, index) => {
    if (record.kind !== "intent") return [];
    const outcome = records
      .slice(index + 1)
      .find(
        ({ run, kind, step, flow }) =>
          run === record.run && kind === "outcome" && step === record.step && flow === record.flow,
      );
    const end = outcome ?? records[index + 1];
    const from = Date.parse(record.time);
    return [
      {
        sequence: record.sequence,
        time: record.time,
        flow: record.flow,
        ...(record.step === undefined ? {} : { step: record.step }),
        from,
        to: end === undefined ? from : Date.parse(end.time),
        changesVendor: outcome?.outcome === "done" && changesCredentials(outcome),
      },
    ];
  });
}

/** Whether what was done must have changed a token or the Worker. */
function changesCredentials({ flow, step }: AuditRecord): boolean {
  return flow === "rotate" && ["mint", "suspend", "revoke"].includes(step ?? "");
}

function ownEvents(
  events: readonly CloudflareAuditEvent[],
  { stem, ids }: ComparedEnvironment,
): readonly CloudflareAuditEvent[] {
  const known = new Set(ids);
  return events.filter((event) => {
    const uri = event.raw?.uri ?? "";
    const match = COMPARED.exec(uri);
    if (match === null) return false;
    const name = nameOf(event);
    const id = event.resource?.id ?? match[1];
    const isOwn = name?.startsWith(stem) === true || (match[1] ?? "").startsWith(stem) || known.has(id ?? "");
    // What it made under its name is its own when it is deleted, where Cloudflare tells only the id.
    if (isOwn && id !== null && id !== undefined) known.add(id);
    return isOwn;
  });
}

function covers({ from, to }: Effect, { action }: CloudflareAuditEvent): boolean {
  const at = Date.parse(action.time);
  return at >= from - TOLERANCE_MS && at <= to + TOLERANCE_MS;
}

function describe(event: CloudflareAuditEvent): Unexplained {
  const { actor, raw, action } = event;
  const name = nameOf(event);
  return {
    time: action.time,
    method: raw?.method ?? action.type ?? "unknown",
    uri: raw?.uri ?? "unknown",
    ...(name === undefined ? {} : { name }),
    actor: actor?.email ?? actor?.token_name ?? actor?.context ?? actor?.type ?? "unknown",
  };
}

function nameOf({ resource }: CloudflareAuditEvent): string | undefined {
  return [resource?.response, resource?.request]
    .map((part) => (typeof part === "object" && part !== null && "name" in part ? part.name : undefined))
    .find((name) => typeof name === "string");
}
