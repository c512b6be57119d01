import type { Plain } from "../plain.ts";
import type { RenderApi } from "./api.ts";

/**
 * Moves a group between environments as the official provider 1.9.1 does, its mistake included: a move from one
 * environment to another passes the group's id as that of the environment, which Render refuses.
 */
export async function moveGroup(
  call: RenderApi["call"],
  groupId: string,
  from: Plain | undefined,
  to: Plain | undefined,
): Promise<void> {
  if ((from ?? null) === (to ?? null)) return;
  if (typeof from === "string") {
    const owner = typeof to === "string" ? groupId : from;
    await call("DELETE", `${resourcesPath(owner)}?resourceIds=${encodeURIComponent(groupId)}`, "2xx");
  }
  if (typeof to === "string") await call("POST", resourcesPath(to), "2xx", { resourceIds: [groupId] });
}

function resourcesPath(environmentId: string): string {
  return `/environments/${encodeURIComponent(environmentId)}/resources`;
}
