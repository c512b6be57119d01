import type { EnvironmentConfig } from "../../config/schema.ts";
import { credentialId, type Role } from "../../core/names.ts";

/** How old a credential in use is, and whether it is time for the next one. */
export interface Due {
  readonly role: Role;
  readonly credential: string;
  readonly mintedAt: string | undefined;
  /** `never`, or a date. */
  readonly expiresAt: string | undefined;
  /** Whole days. */
  readonly ageDays: number | undefined;
  /** Whole days until it ends; absent where it never does. */
  readonly daysLeft: number | undefined;
  /** Why it is due; absent where it is not. */
  readonly why?: string;
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

/** Whether the credential in use of a role is due for rotation. Pure. `now`: milliseconds since the epoch. */
export function dueOf(
  environment: string,
  { credentials, rotation }: Pick<EnvironmentConfig, "credentials" | "rotation">,
  role: Role,
  now: number,
): Due {
  const { active, slots, rotation: under } = credentials[role];
  const { epoch, mintedAt, expiresAt } = slots[active];
  const ageDays = mintedAt === undefined ? undefined : Math.floor((now - Date.parse(mintedAt)) / DAY_MS);
  const ends = expiresAt === undefined || expiresAt === "never" ? undefined : Date.parse(expiresAt);
  const daysLeft = ends === undefined ? undefined : Math.floor((ends - now) / DAY_MS);
  const every = rotation?.everyDays;
  const why =
    under === undefined
      ? daysLeft !== undefined && daysLeft < SOON_DAYS
        ? daysLeft < 0
          ? "it has expired"
          : `it ends in ${String(daysLeft)} day(s)`
        : every !== undefined && ageDays !== undefined && ageDays >= every
          ? `it is ${String(ageDays)} days old, and is rotated every ${String(every)}`
          : undefined
      : `its rotation ${under} is not finished`;
  return {
    role,
    credential: credentialId(environment, role, active, epoch),
    mintedAt,
    expiresAt,
    ageDays,
    daysLeft,
    ...(why === undefined ? {} : { why }),
  };
}
