import { z } from "zod";

import type { EnvironmentKind } from "../core/names.ts";
import { COMPONENT_TYPES, RESOURCE_TYPES } from "../stack/types.ts";
import type { RecordedResource } from "./deployment.ts";

/** What an environment is, as its runs have recorded it. None of it changes in passing. */
export interface Identity {
  readonly kind: EnvironmentKind;
  readonly app: string;
  readonly accountId: string;
}

export type RecordedIdentity =
  | { readonly readable: true; readonly identity: Identity }
  /** Something is provisioned, and the state does not say what. `lacks`: what could not be read. */
  | { readonly readable: false; readonly lacks: string };

const identitySchema = z.object({
  kind: z.enum(["development", "production", "preview"]),
  app: z.string(),
  accountId: z.string(),
});
const OURS: ReadonlySet<string> = new Set([...Object.values(RESOURCE_TYPES), ...Object.values(COMPONENT_TYPES)]);

/** The part of a recorded state that says what its environment is. */
interface IdentifyingState {
  readonly resources: readonly Pick<RecordedResource, "type" | "inputs" | "outputs">[];
  readonly stack: Pick<RecordedResource, "outputs"> | undefined;
}

/**
 * Reads what a state says of its environment; `undefined` where nothing of ours is recorded. The component of the
 * environment says it from the first step of any run, the stack's outputs since the last run that ended well. Where a
 * run broke off in the middle of a promotion they differ: an environment that was production anywhere is production.
 * Where the component is there and cannot be read, older outputs do not speak for it.
 */
export function readIdentity({ resources, stack }: IdentifyingState): RecordedIdentity | undefined {
  const component = resources.find(({ type }) => type === COMPONENT_TYPES.environment);
  const ofComponent = identitiesIn(component?.inputs, component?.outputs);
  const ofStack = identitiesIn(stack?.outputs["environment"]);
  const said = component !== undefined && ofComponent.length === 0 ? [] : [...ofComponent, ...ofStack];
  const [first] = said;
  if (first !== undefined) {
    const kind = said.some((one) => one.kind === "production") ? "production" : first.kind;
    return { readable: true, identity: { ...first, kind } };
  }
  if (!resources.some(({ type }) => OURS.has(type))) return undefined;
  const lacks = component === undefined ? `no ${COMPONENT_TYPES.environment} is recorded` : "its kind, app or account";
  return { readable: false, lacks };
}

function identitiesIn(...sources: readonly unknown[]): Identity[] {
  return sources.flatMap((source) => identitySchema.safeParse(source).data ?? []);
}
