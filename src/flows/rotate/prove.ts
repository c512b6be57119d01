import { AppError } from "../../core/app-error.ts";
import type { KvAccess } from "../../vendors/kv-access.ts";
import type { RoleStage } from "./stages.ts";
import type { Wait } from "../environment/wait.ts";

/** What a proof found, for the record. */
export interface Proof {
  readonly credential: string;
  readonly proved: boolean;
  readonly found: string;
}

export interface ProofTarget {
  readonly access: "gateway" | "rest";
  readonly accountId: string;
  /** Ids by name. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** Whether the role is bound to addresses, which may not be this machine's. */
  readonly isBound: boolean;
  /** A key that nobody has. */
  readonly probeKey: string;
}

/** A namespace that does not exist: a credential is refused there as it is at one of another environment. */
const NOWHERE = "0".repeat(32);
const ACCEPTED = 200;
const REFUSED: ReadonlySet<number | undefined> = new Set([401, 403]);
/** How long a new version of a Worker, or a new token, may take to be known everywhere. */
const KNOWN_WITHIN_MS = 60_000;
const LOOK_MS = 2_000;

/**
 * Proves a credential that was minted before anybody is given it: it is accepted, it reads and writes a key in each of
 * its namespaces, and it is refused elsewhere. One that is bound to other addresses than this machine's cannot be proved
 * from here, and is told so: what it does then is seen at the services, before the old one ends.
 *
 * @throws AppError ROTATION_BLOCKED
 */
export async function proveNew({ nextId }: RoleStage, kv: KvAccess, target: ProofTarget, wait: Wait): Promise<Proof> {
  const status = await wait.until(
    () => kv.verify(),
    (seen) => seen === ACCEPTED,
    KNOWN_WITHIN_MS,
    LOOK_MS,
  );
  if (status !== ACCEPTED) {
    if (target.isBound && REFUSED.has(status)) {
      const found = `answered ${String(status)} from here; it is bound to addresses, which may not be this machine's`;
      return { credential: nextId, proved: false, found };
    }
    throw notProved(nextId, `it is not accepted: ${said(status)}`);
  }
  for (const [name, id] of Object.entries(target.namespaces)) {
    const failed = await wait.until(
      () => kv.probe(id, target.probeKey),
      (seen) => seen === undefined,
      KNOWN_WITHIN_MS,
      LOOK_MS,
    );
    if (failed !== undefined) throw notProved(nextId, `namespace ${name}: ${failed}`);
  }
  const elsewhere =
    target.access === "gateway"
      ? `/accounts/${target.accountId}/storage/kv/namespaces/${NOWHERE}/keys`
      : `/accounts/${target.accountId}/tokens`;
  const opened = await kv.read(elsewhere);
  if (opened === ACCEPTED) throw notProved(nextId, `it opens what it should not: ${elsewhere}`);
  const count = Object.keys(target.namespaces).length;
  return {
    credential: nextId,
    proved: true,
    found: `accepted; wrote, read and deleted a key in ${String(count)} namespace(s); refused elsewhere (${said(opened)})`,
  };
}

/**
 * Proves that a credential ended: it is refused. `kv`: absent where the secret is nowhere any more, since a run that
 * broke off was the last one to know it.
 *
 * @throws AppError ROTATION_BLOCKED where it is still accepted
 */
export async function proveRevoked({ oldId }: RoleStage, kv: KvAccess | undefined, wait: Wait): Promise<Proof> {
  if (kv === undefined) {
    return { credential: oldId, proved: false, found: "its secret is in no state any more: nobody can try it" };
  }
  const status = await wait.until(
    () => kv.verify(),
    (seen) => REFUSED.has(seen),
    KNOWN_WITHIN_MS,
    LOOK_MS,
  );
  if (REFUSED.has(status)) return { credential: oldId, proved: true, found: `refused (${said(status)})` };
  throw new AppError("ROTATION_BLOCKED", {
    problem: `${oldId} was revoked, and is not refused: ${said(status)}.`,
    fix: "See with `kvshift status` which version of the gateway Cloudflare serves, then run `kvshift rotate apply` again.",
    retryable: true,
  });
}

function said(status: number | undefined): string {
  return status === undefined ? "no answer" : String(status);
}

function notProved(id: string, found: string): AppError {
  return new AppError("ROTATION_BLOCKED", {
    problem: `The new credential ${id} does not hold what it promises: nobody was given it.`,
    details: [found],
    fix: "The old credential is in use and valid. Mend what the line names and run `kvshift rotate apply` again, or go back with `kvshift rotate abort`.",
    retryable: true,
  });
}
