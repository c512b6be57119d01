import type { Access, EnvironmentKind, Phase } from "../core/names.ts";
import { RESOURCE_TYPES } from "../stack/types.ts";
import type { PropertyMap } from "../state/properties.ts";

/** One resource as it will be. Secrets are plain text here: no property value may get into a message. */
export interface StackResource {
  /** `cloudflare:index/accountToken:AccountToken` */
  readonly type: string;
  /** The name in the program, not the vendor's. */
  readonly name: string;
  readonly urn: string;
  /** Without the vendor's id, except where its provider repeats it. */
  readonly props: PropertyMap;
  /** URNs of the resources that each property takes its value from; known before the values are. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
}

/** What the component of the environment says of itself. */
export interface EnvironmentFacts {
  readonly app: string;
  readonly environment: string;
  readonly kind: EnvironmentKind;
  readonly phase: Phase;
  readonly access: Access;
  readonly accountId: string;
}

/** What the file of another environment of the project says. */
export interface Neighbour extends Omit<EnvironmentFacts, "phase"> {
  readonly services: readonly string[];
  /** The environment of a Render project that its group belongs to. */
  readonly renderEnvironmentId: string | undefined;
}

/** A file that could not be read: a rule about neighbours cannot say that it holds. */
export interface UnreadableNeighbour {
  /** `Pulumi.<environment>.yaml` */
  readonly file: string;
  /** Why, in a few words without the file's content. */
  readonly problem: string;
}

/** The project's other environments. */
export interface Neighbours {
  readonly known: readonly Neighbour[];
  readonly unreadable: readonly UnreadableNeighbour[];
}

/** Everything that a rule of the pack sees. */
export interface StackView {
  readonly environment: EnvironmentFacts;
  readonly neighbours: Neighbours;
  readonly resources: readonly StackResource[];
}

export interface Violation {
  /** What is wrong, in one sentence. Names resources, properties and variables, never a value of a property. */
  readonly message: string;
  /** The resource that is wrong; absent where something is missing. */
  readonly urn?: string;
}

/** What an environment must never be, in words. */
export interface RuleText {
  /** Stable: configuration of the pack refers to it. */
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly description: string;
  readonly reason: string;
  readonly fix: string;
}

/** A rule about the whole stack as it will be. Pure: the same stack gives the same violations. */
export interface PolicyRule extends RuleText {
  /** An advisory rule warns and lets the change pass. */
  readonly level: "mandatory" | "advisory";
  /**
   * Whether it may need values that exist only after creation. In a preview it then judges what is known, and the
   * end of the update judges the rest; every other rule reports an unknown value that it needs.
   */
  readonly afterCreation?: true;
  check(stack: StackView): readonly Violation[];
}

export function resourcesOfType(stack: StackView, type: keyof typeof RESOURCE_TYPES): readonly StackResource[] {
  return stack.resources.filter((resource) => resource.type === RESOURCE_TYPES[type]);
}
