import type { DriftedResource } from "../../engine/drift.ts";
import { kindName } from "../../stack/types.ts";
import { type GroupStatus, type LinkStatus, type NamespaceStatus, repair } from "./judge-objects.ts";
import type { DriftObservation } from "./observe.ts";
import type { Problem } from "./problem.ts";

/** `account token application-a1` */
export function driftedName({ type, name }: DriftedResource): string {
  return `${kindName(type)} ${name}`;
}

/** What the vendors' own clients have seen already, in more detail than the providers tell. */
interface Seen {
  readonly namespaces: readonly NamespaceStatus[];
  readonly group: GroupStatus;
  readonly links: readonly LinkStatus[];
}

/** What people changed at the vendors, beside what is reported elsewhere. */
export function driftProblems(environment: string, drift: DriftObservation, seen: Seen): Problem[] {
  if (!drift.looked) {
    const { problem, fix } = drift.error;
    // The provider cannot read the link of a group that is gone, and that group is reported already.
    if (!seen.group.exists) return [];
    return [{ what: `The engine could not look for drift: ${problem}`, fix }];
  }
  return drift.resources
    .filter((resource) => !isSeen(resource, seen))
    .map((resource) => {
      const which = resource.properties.length === 0 ? "" : ` (${resource.properties.join(", ")})`;
      return { what: `People changed the ${driftedName(resource)}${which}.`, fix: repair(environment) };
    });
}

function isSeen({ type, name, change, properties }: DriftedResource, { namespaces, group, links }: Seen): boolean {
  // Every object that is gone is missing in the vendors' own lists too.
  if (change === "gone") return true;
  if (type.endsWith(":AccountToken")) return properties.length > 0 && properties.every((key) => key === "status");
  if (type.endsWith(":EnvGroup")) return group.changes.length > 0;
  if (type.endsWith(":EnvGroupLink")) return links.some(({ configured, linked }) => configured !== linked);
  if (!type.endsWith(":WorkersKvNamespace")) return false;
  return namespaces.some((namespace) => namespace.name === name && namespace.actualTitle !== undefined);
}
