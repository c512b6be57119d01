import { kindName, RESOURCE_TYPES } from "../../stack/types.ts";
import type { Deployment } from "../../state/deployment.ts";

/** What becomes of an object, in the words that people read: `KV namespace cache`. */
export interface Fate {
  readonly goes: readonly string[];
  /** Protected, or kept by its vendor when the engine forgets it. */
  readonly stays: readonly string[];
}

const TYPES: ReadonlySet<string> = new Set(Object.values(RESOURCE_TYPES));

/** What a removal takes and what it leaves. Pure. `keepProtected`: in production. */
export function fateOf({ resources }: Deployment, keepProtected: boolean): Fate {
  const objects = resources.filter(({ type, isReplaced }) => TYPES.has(type) && !isReplaced);
  const stays = (one: (typeof objects)[number]): boolean => keepProtected && (one.protect || one.retainOnDelete);
  const name = ({ type, name: its }: (typeof objects)[number]): string => `${kindName(type)} ${its}`;
  return { goes: objects.filter((one) => !stays(one)).map(name), stays: objects.filter(stays).map(name) };
}
