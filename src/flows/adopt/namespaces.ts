import type { EnvironmentConfig } from "../../config/schema.ts";
import { AppError } from "../../core/app-error.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import { namespaceTitle } from "../../core/names.ts";
import type { RecordedObject } from "../../state/objects.ts";
import type { CloudflareNamespace } from "../../vendors/cloudflare.ts";
import type { Owner } from "../ownership/owners.ts";

export interface NamespaceAdoptionOptions {
  /** As given: `cache=<id>`. */
  readonly requested: readonly string[];
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "app" | "namespaces">;
  /** All of the account. */
  readonly existing: readonly CloudflareNamespace[];
  readonly recorded: readonly RecordedObject[];
  /** Namespaces of the account that belong to other environments, by id. */
  readonly owners: ReadonlyMap<string, Owner>;
}

/** A namespace that is taken up. Under the environment's title, the next `up` finds it by itself. */
export interface NamespaceAdoption {
  readonly name: string;
  readonly id: string;
  /** The title of before, where it is another. */
  readonly oldTitle?: string;
  readonly title: string;
}

const MAX_LISTED = 20;

/**
 * Checks what a person asks to take up, all of it together. What the state knows already is left out. Pure.
 *
 * @throws AppError ADOPTION_REFUSED with every problem, where one of the namespaces belongs to another environment
 * @throws AppError USAGE with every problem, otherwise
 */
export function planNamespaceAdoption(options: NamespaceAdoptionOptions): NamespaceAdoption[] {
  const { requested, environment, config, existing, recorded } = options;
  const pairs = requested.map((text) => ({ text, parts: text.split("=") }));
  const problems = pairs.flatMap(({ text, parts }, index) => {
    const isRepeated = pairs.slice(0, index).some((earlier) => earlier.parts[0] === parts[0]);
    const problem = problemOf(parts, isRepeated, options);
    return problem === undefined ? [] : [`${text}: ${problem}`];
  });
  if (problems.length > 0) {
    const isForeign = pairs.some(({ parts: [, id = ""] }) => options.owners.has(id));
    throw refused(isForeign ? "ADOPTION_REFUSED" : "USAGE", problems, options);
  }
  return pairs.flatMap(({ parts: [name = "", id = ""] }) => {
    if (recorded.some((object) => object.id === id)) return [];
    const title = namespaceTitle(config.app, environment, name);
    const oldTitle = existing.find((namespace) => namespace.id === id)?.title;
    return [{ name, id, title, ...(oldTitle === undefined || oldTitle === title ? {} : { oldTitle }) }];
  });
}

function problemOf(
  [name = "", id = "", ...rest]: readonly string[],
  isRepeated: boolean,
  { environment, config, existing, recorded, owners }: NamespaceAdoptionOptions,
): string | undefined {
  if (isRepeated || rest.length > 0 || name === "" || id === "") return "expected <name>=<id>, each name once";
  if (config.namespaces[name] === undefined) {
    return `Pulumi.${environment}.yaml has no namespace ${name}: it has ${Object.keys(config.namespaces).join(", ")}`;
  }
  // Its keys would stay in Workers KV, where nobody looks for those of a strong namespace.
  if (config.namespaces[name].consistency === "strong")
    return "the file calls it strong: data of Workers KV is not seen there";
  const known = recorded.find((object) => object.name === name);
  if (known && known.id !== id) return `the environment has this namespace already, with the id ${known.id}`;
  const taken = recorded.find((object) => object.id === id);
  if (taken && taken.name !== name) return `this id is the environment's namespace ${taken.name}`;
  const found = existing.find((namespace) => namespace.id === id);
  if (!found) return "the account has no namespace of this id";
  const title = namespaceTitle(config.app, environment, name);
  const namesake = existing.find((namespace) => namespace.title === title && namespace.id !== id);
  if (namesake) return `another namespace has the title ${title} already: ${namesake.id}`;
  const owner = owners.get(id);
  return owner && `it belongs to ${owner.who}: ${owner.evidence}`;
}

function refused(
  code: ErrorCode,
  problems: readonly string[],
  { existing, recorded, owners }: NamespaceAdoptionOptions,
): AppError {
  const free = existing.filter(({ id }) => !owners.has(id) && !recorded.some((object) => object.id === id));
  const listed = free.slice(0, MAX_LISTED).map(({ id, title }) => `in the account: ${id} ${title}`);
  const more = free.length - listed.length;
  return new AppError(code, {
    problem: "Not every namespace can be taken up; nothing was changed.",
    details: [...problems, ...listed, ...(more > 0 ? [`in the account: ${String(more)} more`] : [])],
    fix: "Give --namespace <name>=<id>: a name of the environment's file, and the id of a namespace of its account.",
  });
}
