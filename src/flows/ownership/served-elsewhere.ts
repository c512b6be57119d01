import { AppError } from "../../core/app-error.ts";
import { requireConfirmation } from "../../core/ask.ts";
import type { EnvironmentKind } from "../../core/names.ts";
import type { RunContext } from "../../core/run-context.ts";
import type { OpenEnvironment } from "../environment/open-environment.ts";
import type { Surroundings } from "./look-around.ts";
import type { Owner } from "./owners.ts";

/** Services of an environment that the group of another environment serves already. */
export interface ServedElsewhere {
  readonly owner: Owner;
  readonly group: { readonly id: string; readonly name: string };
  readonly services: readonly { readonly id: string; readonly name: string }[];
}

/** The groups of other environments that are linked to `services`, ids of an environment's own. Pure. */
export function servedElsewhere(
  { others }: Pick<Surroundings, "others">,
  services: readonly string[],
): ServedElsewhere[] {
  return others.flatMap(({ group, owner }) => {
    const linked = group.serviceLinks.filter(({ id }) => services.includes(id));
    return linked.length === 0 ? [] : [{ owner, group: { id: group.id, name: group.name }, services: linked }];
  });
}

/** Whether production is on one of the two sides, as far as is known. */
export function touchesProduction(kind: EnvironmentKind, { owner }: ServedElsewhere): boolean {
  return kind === "production" || owner.kind === "production";
}

/** One line for each group: what it serves, whose it is, and how that is known. */
export function servedLines(environment: string, served: readonly ServedElsewhere[]): string[] {
  return served.map(({ owner, group, services }) => {
    const names = services.map(({ id, name }) => `${name} (${id})`).join(", ");
    const kind = owner.kind === undefined ? "; whether that is production is not known here" : "";
    return `${names}: the group ${group.name} (${group.id}) serves it, of ${owner.who} (${owner.evidence})${kind}; with the group of ${environment} too it would have the variables of one of the two, and Render does not guarantee of which`;
  });
}

/**
 * Refuses to link what another environment's group serves, where production is on one of the two sides.
 *
 * @throws AppError SERVED_ELSEWHERE
 */
export function refuseServed(
  { name, config }: { readonly name: string; readonly config: { readonly kind: EnvironmentKind } },
  served: readonly ServedElsewhere[],
): void {
  const refused = served.filter((one) => touchesProduction(config.kind, one));
  if (refused.length === 0) return;
  throw new AppError("SERVED_ELSEWHERE", {
    problem: `A group of another environment serves services of ${name} already, and one of the two is production.`,
    details: servedLines(name, refused),
    fix: `Take the services out of kvshift:render.services of Pulumi.${name}.yaml; or, where they are to move to ${name}, out of the other environment first, with \`kvshift up\` there.`,
  });
}

/**
 * Settles what other environments' groups serve, before anything is linked: refused where production is on one of the
 * two sides, asked for elsewhere. `--yes` agrees, with a warning.
 *
 * @throws AppError SERVED_ELSEWHERE, NOT_CONFIRMED
 */
export async function settleServices(
  environment: Pick<OpenEnvironment, "name" | "config">,
  served: readonly ServedElsewhere[],
  yes: boolean | undefined,
  { emit, confirm }: Pick<RunContext, "emit" | "confirm">,
): Promise<void> {
  refuseServed(environment, served);
  if (served.length === 0) return;
  for (const text of servedLines(environment.name, served)) emit({ type: "warning", text });
  const names = [...new Set(served.flatMap(({ services }) => services.map(({ name }) => name)))];
  const question = `Link ${names.join(", ")} to the group of ${environment.name}, although another environment serves it?`;
  await requireConfirmation(question, "change", yes, { confirm });
}
