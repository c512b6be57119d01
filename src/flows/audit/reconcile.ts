import { readLog } from "../../audit/log-file.ts";
import { readLine } from "../../audit/record.ts";
import { AppError } from "../../core/app-error.ts";
import { BEFORE_ANY_EXPIRY } from "../../core/clock.ts";
import { nameStem } from "../../core/names.ts";
import type { RunContext } from "../../core/run-context.ts";
import { readRecordedObjects } from "../../state/objects.ts";
import { auditPath } from "../environment/audit-trail.ts";
import { vendorsOf } from "../environment/connect-vendors.ts";
import { openEnvironment } from "../environment/open-environment.ts";
import { type Comparison, compareWithCloudflare } from "./compare.ts";

/** A record that was written just now may not be in Cloudflare's log yet. */
const MARGIN_MS = 120_000;

/**
 * Compares the log of an environment with Cloudflare's own audit log, from its first record on (or `since`,
 * milliseconds since the epoch). Changes nothing.
 *
 * @throws AppError AUDIT_DIFFERS with what the one has and the other has not; VENDOR_FAILED where Cloudflare does not
 *   show its log to this token, which needs Account Settings Read
 */
export async function reconcileAudit(stack: string, since: number | undefined, run: RunContext): Promise<Comparison> {
  await using environment = await openEnvironment(
    stack,
    { ...run, clock: BEFORE_ANY_EXPIRY },
    { create: false, needsVendors: true, lock: "none", identity: "any" },
  );
  const { config, session, name } = environment;
  const text = await readLog(auditPath(environment));
  const records = text
    .split("\n")
    .flatMap((line) => readLine(line)?.record ?? [])
    .filter(({ time }) => since === undefined || Date.parse(time) >= since);
  const [first] = records;
  if (first === undefined) return { explained: 0, unexplained: [], unknown: [] };
  const from = new Date(Date.parse(first.time) - MARGIN_MS).toISOString();
  const to = new Date(run.clock.now() + MARGIN_MS).toISOString();
  const events = await vendorsOf(run).cloudflare.auditEvents(config.cloudflare.accountId, from, to);
  const { tokens, workers } = readRecordedObjects(await session.exportState());
  const comparison = compareWithCloudflare(records, events, {
    stem: `${nameStem(config.app, name)}-`,
    ids: new Set([...tokens, ...workers].map(({ id }) => id)),
  });
  const { unexplained, unknown } = comparison;
  if (unexplained.length + unknown.length === 0) return comparison;
  throw new AppError("AUDIT_DIFFERS", {
    problem: `The audit log of ${stack} and Cloudflare's own do not tell the same.`,
    details: [
      ...unexplained.map(({ time, method, uri, name: what, actor }) => {
        const about = what === undefined ? "" : ` (${what})`;
        return `no record explains: ${time} ${method} ${uri}${about} by ${actor}`;
      }),
      ...unknown.map(
        ({ sequence, flow, step }) => `Cloudflare does not know record ${String(sequence)}: ${[flow, step].join(" ")}`,
      ),
    ],
    fix: "Ask who made these changes. A credential that somebody else changed or could read: `kvshift rotate apply`.",
    data: { stack, ...comparison },
  });
}
