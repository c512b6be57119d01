import { RESOURCE_TYPES } from "../../stack/types.ts";
import { isPropertyList, isPropertyMap, type PropertyMap, type PropertyValue } from "../../state/properties.ts";
import type { Violation } from "../model.ts";
import type { PlannedChange, PlanRule } from "../plan.ts";

export const rule: PlanRule = {
  name: "durable-object-classes-stay",
  description:
    "A new version of a Worker keeps every Durable Object class of the version before it (`exports`) and deletes none (`migrations.deletedClasses`).",
  reason: "With a class Cloudflare deletes all of its objects and their storage, at once and for good.",
  fix: "Keep the class in `exports`; give it another name with `state: renamed` and `renamedTo`; delete it only after its data has been migrated.",
  check: ({ changes }) =>
    successions(changes.filter(({ type }) => type === RESOURCE_TYPES.workerVersion)).flatMap(findings),
};

/** What a version had and what comes after it. The engine tells a replacement in several steps of one URN. */
interface Succession {
  readonly name: string;
  readonly urn: string;
  readonly before: PropertyMap | undefined;
  readonly after: readonly PropertyMap[];
}

function successions(steps: readonly PlannedChange[]): readonly Succession[] {
  const versions = [...new Set(steps.map(({ urn }) => urn))].map((urn) => {
    const own = steps.filter((step) => step.urn === urn);
    return {
      name: own[0]?.name ?? "",
      urn,
      before: own.find(({ before }) => before)?.before,
      after: own.map(({ after }) => after).filter((after) => after !== undefined),
    };
  });
  // A version whose resource goes is followed by those that are new. Where none is, nothing is deployed or deleted.
  const fresh = versions.filter(({ before }) => !before).flatMap(({ after }) => after);
  return versions.map((version) => (version.after.length > 0 ? version : { ...version, after: fresh }));
}

function findings({ name, urn, before, after }: Succession): readonly Violation[] {
  if (after.length === 0) return [];
  const kept = new Set(after.flatMap(keptClasses));
  const dropped = before ? liveClasses(before).filter((className) => !kept.has(className)) : [];
  const deleted = after.flatMap(deletedClasses);
  return [...new Set([...dropped, ...deleted])].map((className) => ({
    message: `Worker version ${name} ends the Durable Object class ${className}.`,
    urn,
  }));
}

/** Classes that have objects: an entry without a state is live. */
function liveClasses(version: PropertyMap): readonly string[] {
  return classesWhere(version, (state) => state !== "deleted" && state !== "renamed" && state !== "transferred");
}

/** A renamed or transferred class keeps its objects. */
function keptClasses(version: PropertyMap): readonly string[] {
  return classesWhere(version, (state) => state !== "deleted");
}

function classesWhere({ exports }: PropertyMap, wanted: (state: PropertyValue | undefined) => boolean): string[] {
  if (!isPropertyMap(exports)) return [];
  return Object.entries(exports).flatMap(([className, entry]) => {
    const isClass = isPropertyMap(entry) && entry["type"] === "durable-object";
    return isClass && wanted(entry["state"]) ? [className] : [];
  });
}

function deletedClasses({ exports, migrations }: PropertyMap): readonly string[] {
  const tombstones = isPropertyMap(exports) ? Object.entries(exports) : [];
  const steps = isPropertyMap(migrations) ? [migrations, ...listOf(migrations["steps"]).filter(isPropertyMap)] : [];
  return [
    ...tombstones.flatMap(([name, entry]) => (isPropertyMap(entry) && entry["state"] === "deleted" ? [name] : [])),
    ...steps.flatMap((step) => listOf(step["deletedClasses"])).map(String),
  ];
}

function listOf(value: PropertyValue | undefined): readonly PropertyValue[] {
  return isPropertyList(value) ? value : [];
}
