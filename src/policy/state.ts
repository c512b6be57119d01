import type { EnvironmentConfig } from "../config/schema.ts";
import type { Secret } from "../core/secret.ts";
import type { PropertyMap } from "../state/properties.ts";
import type { RuleText, Violation } from "./model.ts";

/** One resource as it is recorded. */
export interface StateResource {
  readonly type: string;
  /** The name in the program. */
  readonly name: string;
  readonly urn: string;
  /** The vendor's; it stands in clear in every state. */
  readonly id: string | undefined;
  /** Whether the engine refuses to delete it. */
  readonly protect: boolean;
  /** Whether its object outlives its removal from the program. */
  readonly retainOnDelete: boolean;
  /** False for the old copy of a replaced resource, and for what an operation that broke off was about. */
  readonly isCurrent: boolean;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

/** What the state is judged against. */
export interface StateFacts {
  readonly config: Pick<EnvironmentConfig, "kind" | "credentials">;
  /** Credentials of the stack that may stand nowhere in clear. */
  readonly secrets: readonly Secret[];
}

/** Everything that a state rule sees. */
export interface StateView extends StateFacts {
  /** Recorded resources, and those of operations that a broken run left open. */
  readonly resources: readonly StateResource[];
}

/** What a recorded state must never be: a policy pack sees neither encryption nor retention. Pure, always mandatory. */
export interface StateRule extends RuleText {
  check(state: StateView): readonly Violation[];
}
