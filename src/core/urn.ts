/** The type of the stack itself: it is a resource of every state, and no object at a vendor. */
export const STACK_TYPE = "pulumi:pulumi:Stack";

/** The name in the program out of a URN: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns */
export function nameOfUrn(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}
