import { type PolicyRule, resourcesOfType, type StackResource, type Violation } from "../model.ts";

export const rule: PolicyRule = {
  name: "one-link-for-each-group",
  level: "mandatory",
  description: "Each environment group has exactly one `EnvGroupLink`, and no link points at a group of another stack.",
  reason:
    "Render's provider takes one link resource for the owner of all links of a group: a second one fails or detaches services, and a link into another stack's group changes services that nobody here sees.",
  fix: "List all services in one `EnvGroupLink` and pass it the `id` of the group resource, not a copied id.",
  check: (stack) => {
    const groups = resourcesOfType(stack, "group");
    const links = resourcesOfType(stack, "groupLink").map((link) => ({ link, group: groupOf(link, groups) }));
    return [
      ...groups.flatMap((group) => countLinks(group, links.filter((candidate) => candidate.group === group).length)),
      ...links.flatMap(({ link, group }) => (group ? [] : foreignLink(link))),
    ];
  },
};

/**
 * The group of this stack that a link points at. Its id is unknown until it is created, so what counts is where the
 * link takes the id from; where both ids are known they are compared as well.
 */
function groupOf(link: StackResource, groups: readonly StackResource[]): StackResource | undefined {
  const sources = link.propertyDependencies["envGroupId"] ?? [];
  const [group, ...others] = groups.filter(({ urn }) => sources.includes(urn));
  if (!group || others.length > 0) return undefined;
  const wanted = link.props["envGroupId"];
  const { id } = group.props;
  const areKnown = typeof wanted === "string" && typeof id === "string";
  return areKnown && wanted !== id ? undefined : group;
}

function countLinks({ name, urn }: StackResource, links: number): readonly Violation[] {
  if (links === 1) return [];
  return [{ message: `Environment group ${name} has ${links === 0 ? "no link" : `${String(links)} links`}.`, urn }];
}

function foreignLink({ name, urn }: StackResource): readonly Violation[] {
  return [{ message: `Link ${name}: envGroupId is not the id of one environment group of this stack.`, urn }];
}
