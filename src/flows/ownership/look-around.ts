import pMap from "p-map";

import { environmentOfFile } from "../../config/formats.ts";
import type { EnvironmentConfig } from "../../config/schema.ts";
import { stemOfGroup } from "../../core/names.ts";
import type { Neighbours } from "../../policy/model.ts";
import type { RecordedObjects } from "../../state/objects.ts";
import { READS_AT_ONCE } from "../../vendors/endpoints.ts";
import type { Render, RenderGroup, RenderGroupMeta } from "../../vendors/render.ts";
import { type OwnedGroup, ownerOfGroup, type Self } from "./owners.ts";

/** What a workspace holds beside an environment's own groups. Holds values of variables, all of them secrets. */
export interface Surroundings {
  /** Other groups that are linked to services of the environment, whoever made them. */
  readonly linked: readonly RenderGroup[];
  /** Groups of other environments, of any project. */
  readonly others: readonly OwnedGroup[];
}

/**
 * Looks at the groups of a workspace that are linked to `services`, or named like those of kvshift; changes nothing.
 * https://api-docs.render.com/reference/list-env-groups
 *
 * @throws AppError VENDOR_FAILED
 */
export async function lookAround(
  render: Pick<Render, "groups" | "group">,
  { ownerId, services }: Pick<EnvironmentConfig["render"], "ownerId" | "services">,
  self: Self,
): Promise<Surroundings> {
  const listed = await render.groups(ownerId);
  const isLinked = ({ serviceLinks }: Pick<RenderGroupMeta, "serviceLinks">): boolean =>
    serviceLinks.some(({ id }) => services.includes(id));
  const looked = listed.filter(
    (group) => !self.groups.includes(group.id) && (isLinked(group) || stemOfGroup(group.name) !== undefined),
  );
  const ids = [...new Set(looked.map(({ id }) => id))];
  const found = await pMap(ids, (id) => render.group(id), READS_AT_ONCE);
  const groups = found.filter((group) => group !== undefined);
  return { linked: groups.filter(isLinked), others: ownedGroups(groups, self) };
}

/** Groups that say it themselves first: what they name tells of those that do not. */
export function ownedGroups(groups: readonly RenderGroup[], self: Self): OwnedGroup[] {
  const owned = (candidates: readonly RenderGroup[], others: readonly OwnedGroup[]): OwnedGroup[] =>
    candidates.flatMap((group) => {
      const owner = ownerOfGroup(group, self, others);
      return owner === undefined ? [] : [{ group, owner }];
    });
  const plain = owned(groups, []);
  const rest = groups.filter(({ id }) => !plain.some(({ group }) => group.id === id));
  return [...plain, ...owned(rest, plain)];
}

/** An environment as its file, the files beside it and its state know it. */
export function selfOf(
  environment: string,
  { app }: Pick<EnvironmentConfig, "app">,
  { groups, namespaces }: Pick<RecordedObjects, "groups" | "namespaces">,
  { known, unreadable }: Neighbours,
): Self {
  // Of a file that cannot be read its name is known, and most projects have one application.
  const unread = unreadable.flatMap(({ file }) => {
    const name = environmentOfFile(file);
    return name === undefined || name === environment ? [] : [{ app, environment: name, kind: undefined }];
  });
  return {
    app,
    environment,
    groups: groups.map(({ id }) => id),
    namespaces: namespaces.map(({ id }) => id),
    neighbours: [...known, ...unread],
  };
}
