import { readLog } from "../../audit/log-file.ts";
import { type AuditRecord, readLine } from "../../audit/record.ts";
import { signatureCheck } from "../../audit/signature.ts";
import { type AuditVerdict, verifyLog } from "../../audit/verify.ts";
import { AppError } from "../../core/app-error.ts";
import { BEFORE_ANY_EXPIRY } from "../../core/clock.ts";
import type { RunContext } from "../../core/run-context.ts";
import { resolveBackend } from "../../engine/backend.ts";
import { findProject } from "../../engine/project.ts";
import { isLocalCloud } from "../../engine/providers.ts";
import { auditPath, rememberedHead } from "../environment/audit-trail.ts";
import { readEnvironmentFile } from "../environment/environment-file.ts";
import { openEnvironment } from "../environment/open-environment.ts";

type Run = Pick<RunContext, "cwd" | "env">;

/** Which records are asked for; what is not given holds for all. */
export interface RecordFilter {
  /** From this time on, and before that one; milliseconds since the epoch. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly role?: string | undefined;
  readonly flow?: string | undefined;
}

/** Whether a record is asked for. Pure. */
export function isAskedFor({ time, roles, flow }: AuditRecord, filter: RecordFilter): boolean {
  const at = Date.parse(time);
  return (
    at >= (filter.since ?? -Infinity) &&
    at < (filter.until ?? Infinity) &&
    (filter.flow === undefined || filter.flow === flow) &&
    (filter.role === undefined || roles?.includes(filter.role) === true)
  );
}

/**
 * The records of an environment's log that are asked for, as they stand there. Whether the chain is whole is for
 * `verify` to say.
 *
 * @throws AppError CONFIG_NOT_FOUND, CONFIG_INVALID
 */
export async function readRecords(stack: string, filter: RecordFilter, run: Run): Promise<AuditRecord[]> {
  const text = await readLog((await locate(stack, run)).path);
  const records = text.split("\n").flatMap((line) => readLine(line)?.record ?? []);
  return records.filter((record) => isAskedFor(record, filter));
}

/**
 * Judges the log of an environment: by itself, by the head that the stack remembers, and by signatures where a public
 * key is configured.
 *
 * @throws AppError AUDIT_BROKEN with the first record that is not as it was written
 */
export async function verifyAudit(stack: string, run: RunContext): Promise<AuditVerdict & { readonly path: string }> {
  await using environment = await openEnvironment(
    stack,
    { ...run, clock: BEFORE_ANY_EXPIRY },
    { create: false, needsVendors: false, lock: "none", identity: "any" },
  );
  const path = auditPath(environment);
  const publicKey = environment.config.audit?.publicKey;
  const [text, head] = await Promise.all([readLog(path), rememberedHead(environment.session)]);
  const checkSignature = publicKey === undefined ? undefined : signatureCheck(publicKey);
  const verdict = verifyLog(text, { head, checkSignature });
  if (verdict.finding === undefined) return { ...verdict, path };
  const { what, line, message } = verdict.finding;
  throw new AppError("AUDIT_BROKEN", {
    problem: `The audit log of ${stack} is not what was written. ${message}`,
    details: [`${path}:${String(line)}: ${what}`, `whole up to there: ${String(verdict.records.length)} record(s)`],
    fix: "Compare the file with its history in git: what stands there before this line is proved by the chain.",
    data: { stack, path, finding: verdict.finding },
  });
}

async function locate(stack: string, { cwd, env }: Run): Promise<{ readonly path: string }> {
  const project = await findProject(cwd);
  const { config } = await readEnvironmentFile(project, stack, BEFORE_ANY_EXPIRY);
  const backendUrl = await resolveBackend(project, env);
  return { path: auditPath({ name: stack, project, config, isLocal: isLocalCloud(env), backendUrl }) };
}
