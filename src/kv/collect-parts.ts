import { envelopeOr } from "./envelope.ts";
import { isLeftBehind, manifestOr, PART_PREFIX, partIn } from "./parts.ts";
import type { Call } from "./transport.ts";
import type { ValueStore } from "./value-store.ts";

const DEFAULT_BUDGET_SECONDS = 120;

/**
 * Removes the parts that no manifest refers to, once no reader can still be on the way to them: after the namespace's
 * staleness budget. Returns how many it removed.
 *
 * @throws KvError of the listing, a read or the first batch that could not be asked for
 */
export async function collectParts<Value>(
  { transport, settings, world }: ValueStore<Value>,
  call: Call,
): Promise<number> {
  const budgetMs = (settings.stalenessBudgetSeconds ?? DEFAULT_BUDGET_SECONDS) * 1000;
  let [removed, cursor]: [number, string | undefined] = [0, undefined];
  do {
    const page = await transport.list({ prefix: PART_PREFIX, cursor }, call);
    const left: string[] = [];
    for (const { key, metadata } of page.keys) {
      const part = partIn(key, metadata);
      if (part === undefined) continue;
      const { owner, write, at } = part;
      const pair = await transport.get(owner, call);
      const isManifest = pair !== undefined && envelopeOr(pair.metadata, undefined)?.isManifest === true;
      const manifest = isManifest ? manifestOr(pair.bytes, "damaged") : undefined;
      // Of a manifest that cannot be read nobody knows what it needs.
      if (manifest === "damaged") continue;
      if (isLeftBehind({ write, at }, manifest, budgetMs, world.now())) left.push(key);
    }
    const { failed } = left.length === 0 ? { failed: [] } : await transport.deleteMany(left, call);
    removed += left.length - failed.length;
    ({ cursor } = page);
  } while (cursor !== undefined);
  return removed;
}
