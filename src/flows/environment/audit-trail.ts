import { isAbsolute, join } from "node:path";

import { actorOf, commitOf } from "../../audit/actor.ts";
import { formatHead, type Head, parseHead } from "../../audit/record.ts";
import { signerOf } from "../../audit/signature.ts";
import { AuditTrail, type TrailOptions } from "../../audit/trail.ts";
import type { EnvironmentConfig } from "../../config/schema.ts";
import { credentialId, ROLES, SLOTS } from "../../core/names.ts";
import { randomHex, systemRandom } from "../../core/random.ts";
import type { RunContext } from "../../core/run-context.ts";
import { backendFolder } from "../../engine/backend.ts";
import { installedVersion } from "../../engine/project.ts";
import type { Session } from "../../engine/session.ts";
import type { OpenEnvironment } from "./open-environment.ts";

/** The stack tag that remembers the head of the log. */
const HEAD_TAG = "kvshift:auditHead";

type AuditedEnvironment = Pick<
  OpenEnvironment,
  "name" | "project" | "config" | "session" | "isLocal" | "backendUrl" | "brokenLocks"
>;

/**
 * The log of an environment, for a run that holds its stack. To be opened before anything is changed: what cannot be
 * recorded is not done. `sessionOf`: the session to ask, for a flow that opens its environment several times.
 *
 * @throws AppError AUDIT_BROKEN, AUDIT_KEY_REFUSED
 */
export async function openTrail(
  environment: AuditedEnvironment,
  run: Pick<RunContext, "env" | "clock">,
  sessionOf: () => Pick<Session, "tag" | "setTag"> = () => environment.session,
  publish?: TrailOptions["publish"],
): Promise<AuditTrail> {
  const { name, project, config, session, brokenLocks } = environment;
  const sign = signerOf({
    env: run.env,
    publicKey: config.audit?.publicKey,
    isProduction: config.kind === "production",
  });
  const [by, commit] = await Promise.all([actorOf(run.env), commitOf(project.folder)]);
  const trail = await AuditTrail.open({
    path: auditPath(environment),
    environment: name,
    head: isKept(environment) ? headIn(sessionOf) : NO_HEAD,
    clock: run.clock,
    run: randomHex(systemRandom, 8),
    by,
    commit,
    versions: { kvshift: installedVersion(), pulumi: session.cliVersion },
    sign,
    publish,
  });
  if (brokenLocks.length > 0)
    await trail.evidence({ flow: "audit", step: "break-locks", details: { locks: brokenLocks } });
  return trail;
}

/**
 * Where the log of an environment is: in the project, so that git keeps it. A local cloud is thrown away, and its log
 * with its state; of a preview nothing is committed, and its log is beside its state too, where that is in a folder.
 */
export function auditPath({
  name,
  project,
  config,
  isLocal,
  backendUrl,
}: Pick<AuditedEnvironment, "name" | "project" | "config" | "isLocal" | "backendUrl">): string {
  const file = config.audit?.file;
  if (file !== undefined) return isAbsolute(file) ? file : join(project.folder, file);
  const state = isLocal || config.kind === "preview" ? backendFolder(backendUrl) : undefined;
  return join(state ?? project.folder, "audit", `${name}.ndjson`);
}

/** The head that the stack remembers; `undefined` where it remembers none. */
export async function rememberedHead(session: Pick<Session, "tag">): Promise<Head | undefined> {
  return parseHead((await session.tag(HEAD_TAG)) ?? "");
}

/** The ids and states of both roles' slots, for a record. */
export function credentialsFor(environment: string, { credentials }: Pick<EnvironmentConfig, "credentials">) {
  return Object.fromEntries(
    ROLES.map((role) => {
      const { active, slots } = credentials[role];
      const states = SLOTS.filter((slot) => slots[slot].epoch > 0).map((slot) => {
        const { epoch, state } = slots[slot];
        return [credentialId(environment, role, slot, epoch), state] as const;
      });
      return [
        role,
        { active: credentialId(environment, role, active, slots[active].epoch), ...Object.fromEntries(states) },
      ];
    }),
  );
}

/** Whether the next run finds the log again: a runner of CI, where previews are made, forgets its checkout. */
function isKept({ config, backendUrl }: AuditedEnvironment): boolean {
  return config.kind !== "preview" || config.audit?.file !== undefined || backendFolder(backendUrl) !== undefined;
}

const NO_HEAD = { read: () => Promise.resolve(undefined), write: () => Promise.resolve() };

function headIn(sessionOf: () => Pick<Session, "tag" | "setTag">) {
  return {
    read: () => rememberedHead(sessionOf()),
    write: (head: Head) => sessionOf().setTag(HEAD_TAG, formatHead(head)),
  };
}
