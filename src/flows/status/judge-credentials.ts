import type { EnvironmentConfig } from "../../config/schema.ts";
import {
  type Access,
  credentialId,
  credentialName,
  type Role,
  ROLES,
  type Slot,
  SLOTS,
  type SlotState,
  pullRequestOf,
} from "../../core/names.ts";
import type { RecordedObject } from "../../state/objects.ts";
import type { Recorded, RecordedSlot } from "../../state/recorded.ts";
import type { RecordedOutputs } from "../../state/stack-outputs.ts";
import { type CloudflareToken, isDead } from "../../vendors/cloudflare.ts";
import { deadSecret, type Verdict } from "../environment/live-secrets.ts";
import type { Problem } from "./problem.ts";

export interface CredentialStatus {
  readonly role: Role;
  readonly slot: Slot;
  /** Whether it is the one that is handed out. */
  readonly active: boolean;
  readonly epoch: number;
  /** `lost`: the last good run left a credential here that exists no more. */
  readonly state: SlotState | "lost";
  /** Id of the credential; absent where the slot is empty. */
  readonly id?: string;
  /** Id of the token at Cloudflare. */
  readonly tokenId?: string;
  /**
   * Cloudflare's status (`active`, `disabled`, `expired`, more that is not documented), or `missing`. Behind the
   * gateway, which keeps no list, what the dates and the slot say: `active`, `disabled` or `expired`.
   */
  readonly status?: string;
  readonly issuedAt?: string;
  /** `never`, or a date. */
  readonly expiresAt?: string;
  /** Whole days until the expiry; negative after it. */
  readonly daysLeft?: number;
  readonly lastUsedAt?: string;
  /** Only of live ones: whether its secret is accepted where it is used, tried from this machine. */
  readonly verified?: Verdict;
}

export interface JudgeCredentialsOptions {
  readonly environment: string;
  readonly slots: Recorded["slots"];
  readonly active: Readonly<Record<Role, Slot>>;
  readonly recorded: readonly RecordedObject[];
  readonly tokens: readonly CloudflareToken[];
  /** What became of the secrets of live credentials where they are used, by id. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** What the last run that ended well gave each slot; absent before it. */
  readonly dates: RecordedOutputs["credentials"] | undefined;
  /** The file: it has the dates of credentials that only the gateway knows, before they are recorded. */
  readonly config: Pick<EnvironmentConfig, "access" | "credentials">;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const DAY_MS = 86_400_000;
const WARN_BELOW_DAYS = 14;
const ROTATE = "kvshift rotate apply";

/** Every slot as it was provisioned and as Cloudflare has it. Pure. */
export function judgeCredentials(options: JudgeCredentialsOptions): CredentialStatus[] {
  return ROLES.flatMap((role) =>
    SLOTS.flatMap((slot) => {
      const recorded = options.slots[role][slot];
      return recorded === undefined ? [] : [judgeSlot(role, slot, recorded, options)];
    }),
  );
}

function judgeSlot(role: Role, slot: Slot, recorded: RecordedSlot, options: JudgeCredentialsOptions): CredentialStatus {
  const { epoch, lost } = recorded;
  const common = { role, slot, active: options.active[role] === slot, epoch };
  if (recorded.state === "empty" && lost !== true) return { ...common, state: "empty" };
  const id = credentialId(options.environment, role, slot, epoch);
  const verified = options.verdicts.get(id);
  const known = {
    ...common,
    state: lost === true ? ("lost" as const) : recorded.state,
    id,
    ...(verified === undefined ? {} : { verified }),
  };
  if (options.config.access === "gateway") {
    if (lost === true) return { ...known, status: "missing" };
    const described = describeSecret(role, slot, epoch, options);
    const isDisabled = recorded.state === "suspended" && described.status === "active";
    return { ...known, ...described, ...(isDisabled ? { status: "disabled" } : {}) };
  }
  const tokenId = options.recorded.find(({ name }) => name === credentialName(role, slot, epoch))?.id;
  const token = options.tokens.find((candidate) => candidate.id === tokenId);
  return {
    ...known,
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(token === undefined ? { status: "missing" } : describeToken(token, options.now)),
  };
}

/** The gateway enforces the date that the last run gave it. What the file says since then was not applied yet. */
function describeSecret(
  role: Role,
  slot: Slot,
  epoch: number,
  { config, dates, now }: JudgeCredentialsOptions,
): Partial<CredentialStatus> {
  const given = dates?.[role].slots[slot] ?? config.credentials[role].slots[slot];
  if (given.epoch !== epoch) return { status: "active" };
  const { mintedAt, expiresAt } = given;
  return describeToken({ issued_on: mintedAt, expires_on: expiresAt === "never" ? undefined : expiresAt }, now);
}

function describeToken(
  {
    status,
    issued_on: issuedAt,
    expires_on: expiresAt,
    last_used_on: lastUsedAt,
  }: Omit<CloudflareToken, "id" | "name">,
  now: number,
): Partial<CredentialStatus> {
  const daysLeft = expiresAt ? Math.floor((Date.parse(expiresAt) - now) / DAY_MS) : undefined;
  return {
    // An account may be asked in the very minute in which a token ends: the date decides.
    status: daysLeft !== undefined && daysLeft < 0 ? "expired" : (status ?? "active"),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    expiresAt: expiresAt ?? "never",
    ...(daysLeft === undefined ? {} : { daysLeft }),
    ...(lastUsedAt ? { lastUsedAt } : {}),
  };
}

/** What is wrong with credentials that something may hold. */
export function credentialProblems(
  environment: string,
  credentials: readonly CredentialStatus[],
  access: Access,
): Problem[] {
  const noun = access === "gateway" ? "credential" : "token";
  return credentials.flatMap((credential) => {
    const problem = credentialProblem(environment, credential, noun);
    // One that is known to be dead is refused too.
    const isDeadUnseen = credential.verified === "refused" && credential.status === "active";
    return [
      ...(problem === undefined ? [] : [problem]),
      ...(isDeadUnseen ? [deadSecret(credential.id ?? "", environment, access)] : []),
    ];
  });
}

function credentialProblem(
  environment: string,
  credential: CredentialStatus,
  noun: "credential" | "token",
): Problem | undefined {
  const { id = "", role, slot, epoch, state, status, daysLeft } = credential;
  if (state === "empty") return undefined;
  const pr = pullRequestOf(environment);
  if (pr !== undefined) {
    // A preview is meant to end by itself, and each `pr up` gives its credentials another date.
    if (status === "active") return undefined;
    const fix = `Bring the preview up again: kvshift pr up --pr ${String(pr)}, or remove it with kvshift pr down --pr ${String(pr)}.`;
    return { what: `The ${state} ${noun} ${id} of the preview is ${status ?? ""}.`, fix };
  }
  const file = `Pulumi.${environment}.yaml`;
  if (state === "draining" || state === "suspended") {
    const fix = `Make slot ${slot} of ${role} empty in ${file} and run kvshift up.`;
    const expected = state === "suspended" ? "disabled" : "active";
    return status === expected ? undefined : { what: `The ${state} ${noun} ${id} is ${status ?? ""}.`, fix };
  }
  const deploy = role === "application" ? " Then deploy every service: kvshift up --deploy." : "";
  const next = `In ${file} make slot ${slot} of ${role} live with epoch ${String(epoch + 1)} and new dates, and run kvshift up.${deploy}`;
  if (isDead({ status }) || status === "missing")
    return { what: `The live ${noun} ${id} is ${status ?? ""}.`, fix: next };
  if (status !== "active") {
    const fix = `Set it to active in Cloudflare's dashboard (Manage Account, Account API Tokens), or rotate it: ${ROTATE}`;
    return { what: `The live token ${id} is ${status ?? ""}: Cloudflare refuses it.`, fix };
  }
  if (daysLeft === undefined || daysLeft >= WARN_BELOW_DAYS) return undefined;
  const days = daysLeft === 1 ? "1 day" : `${String(daysLeft)} days`;
  return { what: `The live ${noun} ${id} expires in ${days}.`, fix: `Rotate it: ${ROTATE}` };
}
