import type { Session } from "../../engine/session.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { ReconcilePlan, Removal } from "./plan.ts";

/** Forgets what is gone. The next run of the engine would fail at it, or believe that it is there. */
export async function forgetGone(
  session: Session,
  { drop, reread, clearPendingCreates }: ReconcilePlan,
): Promise<void> {
  await forgetGoneLinks(session, drop);
  const looked = [...drop.filter(({ kind }) => kind !== "link"), ...reread].map(({ urn }) => urn);
  if (looked.length > 0 || clearPendingCreates) await session.dropGone(looked);
}

/** The providers fail to read the link of a group that is gone: the engine cannot find that out by itself. */
export async function forgetGoneLinks(session: Session, gone: ReconcilePlan["drop"]): Promise<void> {
  for (const { urn } of gone.filter(({ kind }) => kind === "link")) await session.forget(urn);
}

/** Removes objects that no state knows, at their vendors. One that is gone by now counts as removed. */
export async function removeOrphans(
  { cloudflare, render }: Vendors,
  accountId: string,
  removals: readonly Removal[],
  onRemoved: (removal: Removal) => void,
): Promise<void> {
  const remove = {
    namespace: (id: string) => cloudflare.deleteNamespace(accountId, id),
    token: (id: string) => cloudflare.deleteToken(accountId, id),
    group: (id: string) => render.deleteGroup(id),
    worker: (id: string) => cloudflare.deleteWorker(accountId, id),
  } as const;
  for (const removal of removals) {
    await remove[removal.kind](removal.id);
    onRemoved(removal);
  }
}
