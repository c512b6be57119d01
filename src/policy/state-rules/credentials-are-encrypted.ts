import { RESOURCE_TYPES } from "../../stack/types.ts";
import { showsNothing } from "../../state/ciphertext.ts";
import type { PropertyMap } from "../../state/properties.ts";
import { holdsCredential } from "../credential-values.ts";
import type { Violation } from "../model.ts";
import { isComponent, leaves } from "../plain-credentials.ts";
import type { StateResource, StateRule, StateView } from "../state.ts";

/** The properties that are a credential, by type. */
const CREDENTIALS = new Map<string, readonly string[]>([
  [RESOURCE_TYPES.accountToken, ["value"]],
  [RESOURCE_TYPES.randomPassword, ["result", "bcryptHash"]],
]);

export const rule: StateRule = {
  name: "credentials-are-encrypted",
  description:
    "The value of every token and random password is encrypted in the state, and no other resource at a vendor holds it in clear, not as its id either.",
  reason:
    "A state is copied to backends, backups and laptops: what stands there in clear is known to all who read one.",
  fix: "Mark the property with `additionalSecretOutputs` or wrap the value with `pulumi.secret()`, run `up`, then rotate the credential: old copies of the state keep the value.",
  check: (state) =>
    state.resources.filter((resource) => !isComponent(resource)).flatMap((resource) => findings(resource, state)),
};

function findings(resource: StateResource, state: StateView): readonly Violation[] {
  const named = CREDENTIALS.get(resource.type) ?? [];
  const plain = named.filter((property) => isPlain(resource.inputs, property) || isPlain(resource.outputs, property));
  // The variables of a group have a rule of their own.
  const elsewhere = resource.type === RESOURCE_TYPES.group ? [] : copies(resource, state, named);
  return [...new Set([...plain, ...elsewhere])].map((path) => ({
    message: `Resource ${resource.name}: ${path} holds a credential in clear.`,
    urn: resource.urn,
  }));
}

function isPlain(properties: PropertyMap, property: string): boolean {
  return !showsNothing(properties[property]);
}

/** Where a credential stands outside the properties that are known to be one. */
function copies({ id, inputs, outputs }: StateResource, { secrets }: StateView, named: readonly string[]) {
  const known = secrets.map((secret) => secret.reveal());
  const others = [inputs, outputs].map((properties) =>
    Object.fromEntries(Object.entries(properties).filter(([property]) => !named.includes(property))),
  );
  const texts = [{ path: "id", text: id ?? "" }, ...others.flatMap(leaves)];
  return texts.filter(({ text }) => holdsCredential(text, known)).map(({ path }) => path);
}
