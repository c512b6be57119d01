import { type Access, credentialId, ROLES, SLOTS } from "../../core/names.ts";
import type { RunContext } from "../../core/run-context.ts";
import type { Deployment } from "../../state/deployment.ts";
import { readRecorded } from "../../state/recorded.ts";
import type { KvAccess } from "../../vendors/kv-access.ts";
import { kvAs } from "./open-kv.ts";
import type { OpenEnvironment } from "./open-environment.ts";

/**
 * Whether a secret is accepted where it is used. `unknown`: there was no answer, or it may be refused for the address
 * alone from which it was tried.
 */
export type Verdict = "accepted" | "refused" | "unknown";

/** Where nobody answers nothing is known, and nobody waits. */
const NO_REPEATS = { repeats: 0 };
const ACCEPTED = 200;
const UNAUTHORIZED = 401;

/**
 * Tries the secret of every live credential that the state knows, each with one request: a record that looks well says
 * nothing of a token that was rolled in the dashboard. The uses count as kvshift's own in the gateway's ledger; those
 * of credentials on their way out would hold up their end, so that they are not tried.
 */
export async function verifyLive(
  environment: OpenEnvironment,
  state: Deployment,
  run: Pick<RunContext, "signal">,
): Promise<ReadonlyMap<string, Verdict>> {
  const { slots } = readRecorded(state);
  const live = ROLES.flatMap((role) =>
    SLOTS.flatMap((slot) => {
      const recorded = slots[role][slot];
      const isLive = recorded?.state === "live" && recorded.lost !== true;
      return isLive ? [{ role, id: credentialId(environment.name, role, slot, recorded.epoch) }] : [];
    }),
  );
  const verdicts = await Promise.all(
    live.map(async ({ role, id }) => {
      const kv = await kvAs(environment, id, run, NO_REPEATS);
      const isBound = environment.config.credentials[role].allowedIps !== undefined;
      return kv === undefined ? [] : [[id, await verdictOf(kv, isBound, environment.config.access)] as const];
    }),
  );
  return new Map(verdicts.flat());
}

/** Cloudflare says 403 of a wrong address and 401 of a wrong secret; the gateway says 401 of both. */
async function verdictOf(kv: KvAccess, isBound: boolean, access: Access): Promise<Verdict> {
  const status = await kv.verify();
  if (status === ACCEPTED) return "accepted";
  const isSure = status === UNAUTHORIZED && !(isBound && access === "gateway");
  return isSure ? "refused" : "unknown";
}

/** Tells people which live secrets are dead, and what to do. Returns the ids of the credentials. */
export async function warnOfDeadSecrets(
  environment: OpenEnvironment,
  state: Deployment,
  run: Pick<RunContext, "signal" | "emit">,
): Promise<string[]> {
  const verdicts = await verifyLive(environment, state, run);
  const dead = [...verdicts].flatMap(([id, verdict]) => (verdict === "refused" ? [id] : []));
  for (const id of dead) {
    const { what, fix } = deadSecret(id, environment.name, environment.config.access);
    run.emit({ type: "warning", text: `${what} ${fix}` });
  }
  return dead;
}

/** What it means that a live secret is refused, and what to do. */
export function deadSecret(
  id: string,
  environment: string,
  access: Access,
): { readonly what: string; readonly fix: string } {
  const next = `mint the next one: in Pulumi.${environment}.yaml make its slot live with the next epoch and new dates, then kvshift up --stack ${environment} --deploy.`;
  if (access === "gateway") {
    const what = `The gateway refuses the live credential ${id}, which it should know.`;
    return {
      what,
      fix: `See with kvshift status which version Cloudflare serves. If it is that of the last run, ${next}`,
    };
  }
  const what = `Cloudflare refuses the secret of the live token ${id}: somebody rolled it, and no state knows the new one.`;
  return { what, fix: `What holds it fails now; ${next}` };
}
