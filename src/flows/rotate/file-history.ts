import { z } from "zod";

import { readLog } from "../../audit/log-file.ts";
import { type AuditRecord, readLine, sha256 } from "../../audit/record.ts";
import { AppError } from "../../core/app-error.ts";
import { auditPath } from "../environment/audit-trail.ts";
import type { OpenEnvironment } from "../environment/open-environment.ts";

const fileSchema = z.object({ file: z.object({ before: z.string(), after: z.string() }) });

/** Hashes of the environment's file that the last step of a rotation knew; none where no step is recorded. Pure. */
export function knownFiles(records: readonly AuditRecord[]): readonly string[] {
  const steps = records.filter(({ flow }) => flow === "rotate");
  const last = steps.findLast(({ details }) => fileSchema.safeParse(details).success);
  const { file } = fileSchema.safeParse(last?.details).data ?? {};
  return file === undefined ? [] : [file.before, file.after];
}

/**
 * Refuses to go on with a rotation whose file somebody else has edited since its last recorded step: what is in the file
 * then is not what this rotation is about. A rotation that people began by hand has no step, and is taken as it stands.
 *
 * @throws AppError ROTATION_FILE_CHANGED
 */
export async function requireUnchangedFile(environment: OpenEnvironment, acceptFile: boolean): Promise<void> {
  const text = await readLog(auditPath(environment));
  const records = text.split("\n").flatMap((line) => readLine(line)?.record ?? []);
  const known = knownFiles(records);
  if (acceptFile || known.length === 0 || known.includes(sha256(environment.file.text))) return;
  throw new AppError("ROTATION_FILE_CHANGED", {
    problem: `Pulumi.${environment.name}.yaml was changed since the last step of the rotation.`,
    details: [environment.file.path],
    fix: "Look at the change. Put the file back as it was (git), or go on with it by `kvshift rotate apply --accept-file`, which records it.",
  });
}
